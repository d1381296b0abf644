namespace StreamKit.State;

/// <summary>A part of a <see cref="LargeValue"/> that is written, or left out, as a whole: some kilobytes.</summary>
internal abstract class ValuePart
{
    /// <summary>The epoch in which it was changed last; 0 when nothing has changed since it was taken. An older one than that of now says that an open cut wants it as it is.</summary>
    public int ChangedAt { get; set; }

    /// <summary>The epoch of the last cut that took it.</summary>
    public int TakenAt { get; set; }
}
