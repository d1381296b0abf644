using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace StreamKit.Connectors;

/// <summary>
/// A stretch of a file in memory that slides forward. Records are parsed where they lie: the stretch is always contiguous, and grows when one record is longer than it.
/// Owned by one reader. Reads through <see cref="RandomAccess"/> rather than a pipe, whose segments would cut records in two.
/// </summary>
internal sealed class FileWindow : IDisposable
{
    private readonly string _path;
    private readonly long _length;
    private readonly SafeFileHandle _file;

    /// <summary>The place in the file of the first byte of the buffer.</summary>
    private long _origin;

    public FileWindow(string path, long length, int size)
    {
        _path = path;
        _length = length;
        _file = FileErrors.OpenForReading(path);
        Buffer = ArrayPool<byte>.Shared.Rent(size);
    }

    public byte[] Buffer { get; private set; }

    /// <summary>Where in the buffer the next record begins.</summary>
    public int Start { get; set; }

    /// <summary>Where the bytes in the buffer end.</summary>
    public int End { get; private set; }

    public ReadOnlySpan<byte> Bytes => Buffer.AsSpan(Start, End - Start);

    /// <summary>The place in the file of the next record.</summary>
    public long Offset => _origin + Start;

    /// <summary>The place in the file behind the bytes in the buffer.</summary>
    public long LoadedTo => _origin + End;

    /// <summary>True when the buffer reaches to the end of the file as far as it counts.</summary>
    public bool ReachesEnd => LoadedTo >= _length;

    public string Path => _path;

    public SafeFileHandle File => _file;

    /// <summary>Adds bytes behind <see cref="End"/>, up to <paramref name="goal"/> and then only a little: what lies beyond belongs to another reader, save the rest of a record.</summary>
    /// <returns>False when there are no more.</returns>
    public async ValueTask<bool> LoadAsync(long goal, CancellationToken cancellationToken)
    {
        if (ReachesEnd)
            return false;
        MakeRoom();
        const int Beyond = 4096;
        long wanted = Math.Min(_length, Math.Max(goal, LoadedTo) + Beyond) - LoadedTo;
        int count = (int)Math.Min(wanted, Buffer.Length - End);
        End += await FileErrors.ReadAsync(_file, _path, Buffer.AsMemory(End, count), LoadedTo, cancellationToken);
        return true;
    }

    /// <summary>Moves to another place, forward or back; bytes already there stay.</summary>
    public void Seek(long offset)
    {
        if (offset >= _origin && offset <= LoadedTo)
        {
            Start = (int)(offset - _origin);
            return;
        }

        _origin = offset;
        Start = End = 0;
    }

    public bool Holds(long from, long to) => from >= _origin && to <= LoadedTo;

    public ReadOnlySpan<byte> Slice(long from, long to) => Buffer.AsSpan((int)(from - _origin), (int)(to - from));

    public void Dispose()
    {
        _file.Dispose();
        if (Buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(Buffer);
        Buffer = [];
    }

    private void MakeRoom()
    {
        int room = Buffer.Length - End;
        if (room >= Buffer.Length / 2 || (Start == 0 && room > 0))
            return;
        byte[] target = End - Start > Buffer.Length / 2 ? ArrayPool<byte>.Shared.Rent(Buffer.Length * 2) : Buffer;
        Buffer.AsSpan(Start, End - Start).CopyTo(target);
        if (!ReferenceEquals(target, Buffer))
        {
            ArrayPool<byte>.Shared.Return(Buffer);
            Buffer = target;
        }

        _origin += Start;
        End -= Start;
        Start = 0;
    }
}
