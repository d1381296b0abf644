using System.Buffers;

namespace StreamKit.Connectors;

/// <summary>
/// Says in which line and column a byte of a file is. Counts when asked, from the place asked for before: files without mistakes pay nothing, others are read twice at most.
/// </summary>
internal sealed class FileLines(FileWindow window)
{
    private const int PieceLength = 64 * 1024;

    private long _counted;
    private long _line = 1;
    private long _lineStart;

    /// <summary>The line and the column in characters, both from 1. Places are asked for in ascending order.</summary>
    public async ValueTask<(long Line, long Column)> PlaceOfAsync(long offset, CancellationToken cancellationToken)
    {
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceLength);
        while (_counted < offset)
        {
            int length = await ReadAsync(piece, _counted, offset, cancellationToken);
            int lastEnd = piece.AsSpan(0, length).LastIndexOf((byte)'\n');
            if (lastEnd >= 0)
            {
                _line += piece.AsSpan(0, length).Count((byte)'\n');
                _lineStart = _counted + lastEnd + 1;
            }

            _counted += length;
        }

        long column = 1;
        for (long at = _lineStart; at < offset;)
        {
            int length = await ReadAsync(piece, at, offset, cancellationToken);
            column += Characters(piece.AsSpan(0, length), at == 0);
            at += length;
        }

        ArrayPool<byte>.Shared.Return(piece);
        return (_line, column);
    }

    private static int Characters(ReadOnlySpan<byte> utf8, bool isFileStart)
    {
        int count = isFileStart && utf8.StartsWith("\uFEFF"u8) ? -1 : 0;
        foreach (byte each in utf8)
        {
            // The other bytes of a character begin with the bits 10.
            if ((each & 0xC0) != 0x80)
                count++;
        }

        return count;
    }

    private async ValueTask<int> ReadAsync(byte[] piece, long from, long to, CancellationToken cancellationToken)
    {
        int length = (int)Math.Min(piece.Length, to - from);
        if (!window.Holds(from, from + length))
            return await FileErrors.ReadAsync(window.File, window.Path, piece.AsMemory(0, length), from, cancellationToken);
        window.Slice(from, from + length).CopyTo(piece);
        return length;
    }
}
