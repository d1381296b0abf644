namespace StreamKit.State.Faster.Tests;

/// <summary>Segments in memory that fail as told: by chance from a seed, from a moment on, or when the disk is full.</summary>
internal sealed class FaultyFiles(int seed = 0, Faults? faults = null) : ISegmentFiles
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private readonly Dictionary<int, byte[]> _segments = [];
    private readonly Faults _faults = faults ?? Faults.None;

    public bool FailReads { get; set; }

    public bool FailWrites { get; set; }

    /// <summary>Bytes that fit on the disk.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>Called before each operation.</summary>
    public Action? Before { get; set; }

    public int Reads { get; private set; }

    public long Bytes { get; private set; }

    public long MostBytes { get; private set; }

    public bool Disposed { get; private set; }

    /// <summary>How many operations failed.</summary>
    public int Failed { get; private set; }

    public int Read(int segment, Span<byte> into, long offset)
    {
        Before?.Invoke();
        lock (_lock)
        {
            Reads++;
            if (FailReads || _random.NextDouble() < _faults.ReadErrors)
                throw Fail("injected read error");
            var bytes = _segments.GetValueOrDefault(segment, []);
            var available = (int)Math.Clamp(bytes.Length - offset, 0, into.Length);
            if (available > 1 && _random.NextDouble() < _faults.ShortReads)
                available = _random.Next(0, available);
            bytes.AsSpan((int)Math.Min(offset, bytes.Length), available).CopyTo(into);
            return available;
        }
    }

    public void Write(int segment, ReadOnlySpan<byte> from, long offset)
    {
        Before?.Invoke();
        lock (_lock)
        {
            if (FailWrites || _random.NextDouble() < _faults.WriteErrors)
                throw Fail("injected write error");
            var bytes = _segments.GetValueOrDefault(segment, []);
            var added = Math.Max(0, offset + from.Length - bytes.Length);
            if (Bytes + added > Capacity)
                throw new IOException("injected full disk", Faults.NoSpace);
            Array.Resize(ref bytes, (int)(bytes.Length + added));
            from.CopyTo(bytes.AsSpan((int)offset));
            _segments[segment] = bytes;
            Bytes += added;
            MostBytes = Math.Max(MostBytes, Bytes);
        }
    }

    public void Delete(int segment)
    {
        lock (_lock)
        {
            if (_random.NextDouble() < _faults.DeleteErrors)
                throw Fail("injected delete error");
            if (_segments.Remove(segment, out var bytes))
                Bytes -= bytes.Length;
        }
    }

    public void Dispose() => Disposed = true;

    private IOException Fail(string message)
    {
        Failed++;
        return new IOException(message, Faults.InputOutputError);
    }
}
