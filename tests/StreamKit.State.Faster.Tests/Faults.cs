namespace StreamKit.State.Faster.Tests;

/// <summary>Which share of operations fails, and how.</summary>
internal sealed record Faults(double ShortReads = 0, double ReadErrors = 0, double WriteErrors = 0, double DeleteErrors = 0)
{
    /// <summary>As errno: an error of the device.</summary>
    public const int InputOutputError = 5;

    public const int NoSpace = 28;

    public static Faults None { get; } = new();
}
