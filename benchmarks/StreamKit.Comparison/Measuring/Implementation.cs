namespace StreamKit.Comparison;

/// <summary>One way to do a workload.</summary>
/// <param name="Name">Its name in the output.</param>
/// <param name="RunAsync">Does a number of events; is told what the plain loop came to with as many.</param>
/// <param name="Divisor">It gets this fraction of the events: slow peers would take minutes otherwise.</param>
internal sealed record Implementation(string Name, Func<long, Outcome, Task<Run>> RunAsync, int Divisor = 1)
{
    /// <summary>The name of the implementation that the others are compared with.</summary>
    public const string PlainLoop = "plain-loop";

    public static Implementation Plain(Func<long, Outcome> run) => Synchronous(PlainLoop, run);

    public static Implementation Synchronous(string name, Func<long, Outcome> run, int divisor = 1) =>
        new(name, (events, _) => Meter.MeasureAsync(() => run(events)), divisor);
}

/// <summary>A workload: its plain loop first, then everything that is compared with it.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Events">Events per run, unless told otherwise.</param>
/// <param name="Implementations">The plain loop, then the others.</param>
/// <param name="MostRounds">No more rounds than this, where one takes long.</param>
internal sealed record Workload(string Name, long Events, IReadOnlyList<Implementation> Implementations, int MostRounds = int.MaxValue);
