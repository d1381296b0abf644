namespace StreamKit.Comparison;

/// <summary>What a run came to: how many results, and the sum of a number of each. Equal for all implementations of a workload.</summary>
internal readonly record struct Outcome(long Count, long Sum)
{
    public override string ToString() => $"{Count} results, checksum {Sum:X16}";
}

/// <summary>One measured run.</summary>
/// <param name="Outcome">What it came to.</param>
/// <param name="Cost">What it took.</param>
/// <param name="Note">Something to print beside the figures, or null.</param>
internal sealed record Run(Outcome Outcome, Cost Cost, string? Note = null);

/// <summary>What a run took. The processor time is that of the whole process: all threads, the garbage collector's included.</summary>
internal readonly record struct Cost(TimeSpan Wall, TimeSpan Processor, long Bytes);
