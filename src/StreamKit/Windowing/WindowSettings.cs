namespace StreamKit.Windowing;

/// <summary>What was asked of a windowed stream besides its function.</summary>
/// <param name="Layout">Where the windows are.</param>
/// <param name="AllowedLateness">How long a window is kept after it fired, in milliseconds.</param>
/// <param name="LateTag">Where records go that come later still; null drops and counts them.</param>
internal sealed record WindowSettings<T>(WindowLayout Layout, long AllowedLateness = 0, OutputTag<T>? LateTag = null);
