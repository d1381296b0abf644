using System.Buffers.Binary;
using System.Text;

namespace StreamKit.Connectors;

/// <summary>
/// The strings a column gave lately: columns such as country or card hold few different ones, which then are made once. A column whose strings hardly repeat stops looking.
/// </summary>
internal sealed class RecentStrings
{
    private const int Slots = 256;
    private const int Longest = 32;

    /// <summary>After so many strings it is seen whether looking was worth it: a hit saves about twice what a miss costs.</summary>
    private const int Trial = 8192;

    private string?[]? _slots = new string?[Slots];
    private int _asked;
    private int _found;

    public string Get(ReadOnlySpan<byte> utf8, Encoding encoding)
    {
        string?[]? slots = _slots;
        if (slots is null || utf8.Length > Longest)
            return encoding.GetString(utf8);
        if (utf8.IsEmpty)
            return "";
        if (++_asked == Trial && !IsWorthIt())
            return encoding.GetString(utf8);
        ref string? slot = ref slots[SlotOf(utf8)];
        string? recent = slot;

        // Bytes beyond ASCII are equal to no string here and always decoded.
        if (recent is not null && Ascii.Equals(utf8, recent))
        {
            _found++;
            return recent;
        }

        return slot = encoding.GetString(utf8);
    }

    private bool IsWorthIt()
    {
        bool worthIt = _found * 3 > _asked;
        if (!worthIt)
            _slots = null;
        _asked = _found = 0;
        return worthIt;
    }

    private static int SlotOf(ReadOnlySpan<byte> bytes)
    {
        ulong head, tail;
        if (bytes.Length >= sizeof(ulong))
        {
            head = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            tail = BinaryPrimitives.ReadUInt64LittleEndian(bytes[^sizeof(ulong)..]);
        }
        else
        {
            head = bytes[0] | ((ulong)bytes[bytes.Length / 2] << 8) | ((ulong)bytes[^1] << 16);
            tail = (ulong)bytes.Length;
        }

        ulong hash = (head ^ (tail * 0x9E3779B97F4A7C15)) * 0xD6E8FEB86659FD93;
        return (int)(hash >> 56);
    }
}
