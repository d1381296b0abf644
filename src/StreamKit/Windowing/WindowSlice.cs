using StreamKit.State;

namespace StreamKit.Windowing;

/// <summary>What records between two cuts of event time have added up to, for each key slot. Windows that overlap share it.</summary>
internal sealed class WindowSlice<TAcc>(long start, WindowLayout layout, Column<TAcc> accumulators)
{
    public long Start { get; } = start;

    public long Length { get; } = layout.SliceLength(start);

    /// <summary>The end of the first window that the slice is in.</summary>
    public long FirstWindowEnd { get; } = layout.FirstWindowEnd(start);

    /// <summary>The end of the last window that the slice is in.</summary>
    public long LastWindowEnd { get; } = layout.LastWindowEnd(start);

    public Column<TAcc> Accumulators { get; } = accumulators;
}
