namespace StreamKit.Windowing;

/// <summary>
/// The arithmetic of windows and slices. Time is cut at every start and every end of a window; a slice is what lies between two cuts.
/// Windows that overlap share slices: a window is a run of whole slices, two per slide at most. Pure; timestamps are milliseconds since the Unix epoch.
/// </summary>
internal readonly record struct WindowLayout
{
    /// <summary>Timestamps beyond this, to both sides, are refused, so that no sum below overflows: 73 million years.</summary>
    public const long LargestTimestamp = long.MaxValue / 4;

    // Where in each slide the windows that began earlier end; 0 when they end at starts.
    private readonly long _cut;

    public WindowLayout(long size, long slide, long offset)
    {
        Size = size;
        Slide = slide;
        Offset = offset - FloorTo(offset, slide);
        _cut = size % slide;
    }

    public long Size { get; }

    public long Slide { get; }

    /// <summary>From 0 to the slide, exclusive.</summary>
    public long Offset { get; }

    /// <summary>The start of the slice that holds a timestamp.</summary>
    public long SliceStart(long timestamp)
    {
        var slide = LastWindowStart(timestamp);
        return timestamp - slide < _cut ? slide : slide + _cut;
    }

    /// <summary>How long the slice is that starts at <paramref name="start"/>.</summary>
    public long SliceLength(long start)
    {
        if (_cut == 0)
            return Slide;
        return start == LastWindowStart(start) ? _cut : Slide - _cut;
    }

    /// <summary>False for a slice in a gap between windows, when the slide is above the size.</summary>
    public bool IsInWindow(long sliceStart) => sliceStart < LastWindowStart(sliceStart) + Size;

    /// <summary>The end of the first window that holds a slice.</summary>
    public long FirstWindowEnd(long sliceStart) => FirstWindowEndAfter(sliceStart);

    /// <summary>The end of the last window that holds a slice.</summary>
    public long LastWindowEnd(long sliceStart) => LastWindowStart(sliceStart) + Size;

    /// <summary>The first end of a window that is greater than <paramref name="time"/>.</summary>
    public long FirstWindowEndAfter(long time) => LastWindowStart(time - Size) + Slide + Size;

    public override string ToString() => $"{Size} ms every {Slide} ms from {Offset} ms";

    private static long FloorTo(long value, long multiple)
    {
        var remainder = value % multiple;
        return value - (remainder < 0 ? remainder + multiple : remainder);
    }

    /// <summary>The last start of a window at or before a time.</summary>
    private long LastWindowStart(long time) => FloorTo(time - Offset, Slide) + Offset;
}
