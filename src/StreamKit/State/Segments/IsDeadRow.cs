namespace StreamKit.State;

/// <summary>Whether a row has lost its meaning, for instance with the end of its window, so that a merge may leave it out.</summary>
internal delegate bool IsDeadRow(in SegmentRow row);
