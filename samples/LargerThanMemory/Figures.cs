using System.Diagnostics;
using StreamKit;

namespace LargerThanMemory;

/// <summary>Prints what the job does, once a second.</summary>
internal sealed class Figures
{
    private const double Megabyte = 1 << 20;

    private readonly long _started = Stopwatch.GetTimestamp();
    private long _count;
    private long _first;

    /// <summary>A reading was processed; from any thread.</summary>
    public void Count()
    {
        if (Interlocked.Increment(ref _count) == 1)
            _first = Stopwatch.GetTimestamp();
    }

    public async Task ShowUntilAsync(StreamJob job, Task run, long budget)
    {
        var (before, checkpoint, shown) = (0L, 0L, false);
        using var every = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!run.IsCompleted)
        {
            if (!shown && Interlocked.Read(ref _count) > 0)
            {
                shown = true;
                Console.WriteLine($"first reading {Stopwatch.GetElapsedTime(_started, _first).TotalSeconds:F2} s after the start of the job");
            }

            await Task.WhenAny(run, every.WaitForNextTickAsync().AsTask());
            var count = Interlocked.Read(ref _count);
            var last = job.GetMetrics().LastCheckpoint;
            Console.WriteLine(
                $"{count - before,9:N0} readings/s   process {Environment.WorkingSet / Megabyte,6:N0} MB, budget of state {budget / Megabyte:N0} MB"
                + (last is null ? "" : $"   state in checkpoints {last.StateBytes / Megabyte,6:N0} MB")
                + (last is null || last.Number == checkpoint ? "" : $", checkpoint {last.Number}: {last.Bytes / Megabyte:N0} MB in {last.Duration.TotalSeconds:F1} s"));
            (before, checkpoint) = (count, last?.Number ?? 0);
        }
    }
}
