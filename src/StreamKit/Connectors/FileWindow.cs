using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace StreamKit.Connectors;

/// <summary>
/// A stretch of a file in memory that slides forward: what a <see cref="Pipe"/> holds of it, always in one segment. Records are parsed where they lie;
/// what a segment that is full holds of its last record is copied to the beginning of the next one. Owned by one reader, which is both ends of the pipe.
/// </summary>
internal sealed class FileWindow : IDisposable
{
    private readonly string _path;
    private readonly long _length;
    private readonly SafeFileHandle _file;
    private readonly Pipe _pipe;

    /// <summary>What the pipe holds, from <see cref="_first"/> on.</summary>
    private ReadOnlySequence<byte> _held;

    /// <summary>The place in the file of the first byte of the buffer, if the bytes before <see cref="_first"/> were of the file as well.</summary>
    private long _origin;

    /// <summary>Where in the buffer the bytes of the file begin.</summary>
    private int _first;

    public FileWindow(string path, long length, int size)
    {
        _path = path;
        _length = length;
        _file = FileErrors.OpenForReading(path);
        _pipe = new Pipe(new PipeOptions(minimumSegmentSize: size, pauseWriterThreshold: 0, useSynchronizationContext: false));
    }

    public byte[] Buffer { get; private set; } = [];

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

    /// <summary>Adds bytes behind <see cref="End"/>, up to <paramref name="goal"/> and then only a little: what lies beyond belongs to another reader, save the rest of a record. Lets go of those before <see cref="Start"/>.</summary>
    /// <returns>False when there are no more.</returns>
    public async ValueTask<bool> LoadAsync(long goal, CancellationToken cancellationToken)
    {
        if (ReachesEnd)
            return false;
        const int Beyond = 4096;
        long wanted = Math.Min(_length, Math.Max(goal, LoadedTo) + Beyond) - LoadedTo;
        int rest = End - Start;
        Memory<byte> room = _pipe.Writer.GetMemory((int)Math.Min((2L * rest) + 1, Array.MaxLength)); // a record that grows doubles its room
        int moved = IsBehindEnd(room) ? 0 : rest;
        Bytes[..moved].CopyTo(room.Span);
        Memory<byte> target = room[moved..];
        int read = await FileErrors.ReadAsync(_file, _path, target[..(int)Math.Min(wanted, target.Length)], LoadedTo, cancellationToken);
        long offset = Offset;
        LetGo(moved == rest ? _held.Length : Start - _first);
        _pipe.Writer.Advance(moved + read);
        await _pipe.Writer.FlushAsync(cancellationToken);
        _pipe.Reader.TryRead(out ReadResult result); // there are bytes, those just flushed
        Show(result.Buffer, offset);
        return true;
    }

    /// <summary>Moves to another place, forward or back; bytes already there stay.</summary>
    public void Seek(long offset)
    {
        if (offset >= _origin + _first && offset <= LoadedTo)
        {
            Start = (int)(offset - _origin);
            return;
        }

        LetGo(_held.Length);
        _held = default;
        _origin = offset;
        _first = Start = End = 0;
    }

    public bool Holds(long from, long to) => from >= _origin + _first && to <= LoadedTo;

    public ReadOnlySpan<byte> Slice(long from, long to) => Buffer.AsSpan((int)(from - _origin), (int)(to - from));

    public void Dispose()
    {
        _file.Dispose();
        _pipe.Writer.Complete();
        _pipe.Reader.Complete();
        Buffer = [];
        Start = End = 0;
    }

    /// <summary>Whether room to write to goes on where the buffer ends, in the same segment.</summary>
    private bool IsBehindEnd(ReadOnlyMemory<byte> room) =>
        MemoryMarshal.TryGetArray(room, out ArraySegment<byte> segment) && segment.Array == Buffer && segment.Offset == End;

    /// <summary>Gives the first bytes back to the pipe; the others were looked at.</summary>
    private void LetGo(long count)
    {
        if (!_held.IsEmpty)
            _pipe.Reader.AdvanceTo(_held.GetPosition(count), _held.End);
    }

    private void Show(ReadOnlySequence<byte> held, long offset)
    {
        Debug.Assert(held.IsSingleSegment, "what was left of the segment before was moved");
        _held = held;
        bool isArray = MemoryMarshal.TryGetArray(held.First, out ArraySegment<byte> bytes);
        Debug.Assert(isArray, "the pipe takes its segments from the pool of arrays");
        Buffer = bytes.Array!; // asserted above
        _first = Start = bytes.Offset;
        End = bytes.Offset + bytes.Count;
        _origin = offset - Start;
    }
}
