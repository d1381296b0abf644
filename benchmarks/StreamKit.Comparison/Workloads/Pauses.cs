using System.Globalization;
using System.Runtime.InteropServices;

namespace StreamKit.Comparison;

/// <summary>
/// How long records stand still for a checkpoint of 10M keys, 1% of them changing: the processor time that the task's thread spends between two batches while
/// checkpoints are taken one after the other. The plain loop writes its dictionary to a file, as one does by hand.
/// </summary>
internal static class Pauses
{
    private const long Keys = 10_000_000;
    private const int Checkpoints = 20;

    public static Workload Pause { get; } = new("pause", 60_000_000,
    [
        Implementation.Plain(RunPlain),
        new Implementation("streamkit", static (events, expected) => RunStreamKitAsync(events, expected)),
    ], MostRounds: 1);

    private static Outcome RunPlain(long events)
    {
        var values = Values(events);
        var sums = new Dictionary<long, long>();
        var outcome = PlainLoop.Run(events, (from, to) =>
        {
            var total = 0L;
            for (var i = from; i < to; i++)
            {
                var value = values.Make(i);
                ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, value.Key, out _);
                sum += value.Value;
                total += sum;
            }

            return new Outcome(to - from, total);
        });
        var path = Path.GetTempFileName();
        try
        {
            using var file = new BinaryWriter(File.Create(path, 1 << 20));
            foreach (var (key, sum) in sums)
            {
                file.Write(key);
                file.Write(sum);
            }
        }
        finally
        {
            File.Delete(path);
        }

        return outcome;
    }

    private static Task<Run> RunStreamKitAsync(long events, Outcome expected)
    {
        var gaps = new GapRecorder();
        var clock = new RunClock(expected) { OnBatch = gaps.OnBatch };
        return StreamKitJob.RunAsync<KeyedValue, FillThenTouch>(
            clock,
            Values(events),
            static values => values.KeyBy(static x => x.Key).Scan("running-sum", static () => 0L, static (sum, x) => sum + x.Value).Sum<long, Identity>(),
            events,
            parallelism: 1,
            job => MeasureAsync(job, clock, gaps, events));
    }

    private static async Task<string?> MeasureAsync(StreamJob job, RunClock clock, GapRecorder gaps, long events)
    {
        while (clock.Outcome.Count < Math.Min(Keys, events / 2))
            await Task.Delay(10);
        gaps.Take();
        await Task.Delay(500);
        var quiet = gaps.Take();
        var pauses = new List<double>();
        var longest = new List<double>();
        while (pauses.Count < 1 || (longest.Count < Checkpoints && clock.Cost is null))
        {
            gaps.Take();
            await job.TriggerCheckpointAsync();
            var during = gaps.Take();
            pauses.AddRange(during);
            longest.Add(during.DefaultIfEmpty().Max());
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"longest stop per checkpoint, ms, {longest.Count} checkpoints: p50 {Percentile(longest, 0.5):F2}, p99 {Percentile(longest, 0.99):F2}, max {longest.Max():F2}; ")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"between any two batches meanwhile: p50 {Percentile(pauses, 0.5):F3}, p99 {Percentile(pauses, 0.99):F3}; without a checkpoint: p50 {Percentile(quiet, 0.5):F3}, p99 {Percentile(quiet, 0.99):F3}, max {quiet.DefaultIfEmpty().Max():F3}");
    }

    private static double Percentile(List<double> values, double fraction) =>
        values.Count == 0 ? 0 : values.Order().ElementAt(Math.Min(values.Count - 1, (int)(values.Count * fraction)));

    private static FillThenTouch Values(long events) => new(Math.Min(Keys, events / 2));

    /// <summary>Every key once, and then one in a hundred of them, spread over all.</summary>
    private readonly struct FillThenTouch(long keys) : IGenerator<KeyedValue>
    {
        public KeyedValue Make(long index) => new(index < keys ? index : Events.Key(index, keys / 100) * 100, index & 1023);
    }
}
