using System.Globalization;

namespace StreamKit.Comparison;

/// <summary>
/// One line of the output: medians over the rounds. The ratio is of events per second, so that above 1 is faster than the plain loop;
/// it is taken round by round, because neighbours on a machine slow down both.
/// </summary>
internal sealed record ResultRow(string Workload, string Implementation, double MillionEventsPerSecond, double ProcessorNanosecondsPerEvent, double BytesPerEvent, double RatioToPlainLoop)
{
    public static ResultRow Of(string workload, string implementation, long events, IReadOnlyList<Run> runs, long plainEvents, IReadOnlyList<Run> plain)
    {
        var seconds = runs.Select(run => run.Cost.Wall.TotalSeconds / events).ToArray();
        var plainSeconds = plain.Select(run => run.Cost.Wall.TotalSeconds / plainEvents);
        var processor = Comparison.Median(runs.Select(run => run.Cost.Processor.TotalNanoseconds / events));
        var bytes = Comparison.Median(runs.Select(run => (double)run.Cost.Bytes / events));
        var ratio = Comparison.Median(plainSeconds.Zip(seconds, static (of, own) => of / own));
        return new ResultRow(workload, implementation, 1e-6 / Comparison.Median(seconds), processor, bytes, ratio);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Workload}\t{Implementation}\t{MillionEventsPerSecond:0.##}\t{ProcessorNanosecondsPerEvent:F2}\t{BytesPerEvent:F2}\t{RatioToPlainLoop:0.###}");
}
