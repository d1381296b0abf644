using System.Diagnostics;

namespace StreamKit.Comparison;

/// <summary>Takes the cost between two points in time. Start and stop may be called by different threads, one after the other.</summary>
internal sealed class Meter
{
    private long _startedAt;
    private TimeSpan _processorAtStart;
    private long _bytesAtStart;

    public void Start()
    {
        _bytesAtStart = GC.GetTotalAllocatedBytes(precise: true);
        _processorAtStart = Environment.CpuUsage.TotalTime;
        _startedAt = Stopwatch.GetTimestamp();
    }

    public Cost Stop()
    {
        var wall = Stopwatch.GetElapsedTime(_startedAt);
        var processor = Environment.CpuUsage.TotalTime - _processorAtStart;
        return new Cost(wall, processor, GC.GetTotalAllocatedBytes(precise: true) - _bytesAtStart);
    }

    /// <summary>Measures a synchronous run.</summary>
    public static Task<Run> MeasureAsync(Func<Outcome> run)
    {
        var meter = new Meter();
        meter.Start();
        var outcome = run();
        return Task.FromResult(new Run(outcome, meter.Stop()));
    }

    /// <summary>Measures an asynchronous run.</summary>
    public static async Task<Run> MeasureAsync(Func<Task<Outcome>> run)
    {
        var meter = new Meter();
        meter.Start();
        var outcome = await run();
        return new Run(outcome, meter.Stop());
    }
}
