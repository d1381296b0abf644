using System.Diagnostics;
using System.Globalization;

namespace StreamKit.Comparison;

/// <summary>
/// Lookups per second from a job with a million keys while it runs, by one who asks key after key at random, and what that takes from the job's events per second. With the
/// blocks of the state in the query's cache, and with no cache, so that nearly every lookup reads and verifies a block of the store.
/// </summary>
internal static class Queries
{
    private const long Keys = 1_000_000;
    private static readonly TimeSpan s_phase = TimeSpan.FromSeconds(1);

    public static Workload Query { get; } = new("query", 500_000_000,
    [
        Implementation.Plain(static events => RunningSums.RunPlain(new KeyedValues(Keys), events)),
        new Implementation("streamkit", static (events, expected) => RunAsync(events, expected, cacheBytes: 256 << 20)),
        new Implementation("streamkit-no-cache", static (events, expected) => RunAsync(events, expected, cacheBytes: 0)),
    ], MostRounds: 3);

    private static Task<Run> RunAsync(long events, Outcome expected, long cacheBytes)
    {
        var clock = new RunClock(expected);
        return StreamKitJob.RunAsync<KeyedValue, KeyedValues>(
            clock,
            new KeyedValues(Keys),
            static values => values.KeyBy(static x => x.Key).Scan("running-sum", static () => 0L, static (sum, x) => sum + x.Value).Sum<long, Identity>(),
            events,
            parallelism: 1,
            job => MeasureAsync(job, clock, fills: cacheBytes > 0),
            (builder, _) => builder.QueryCacheBytes = cacheBytes);
    }

    private static async Task<string?> MeasureAsync(StreamJob job, RunClock clock, bool fills)
    {
        while (clock.Outcome.Count < 15 * Keys)
            await Task.Delay(10);
        await job.TriggerCheckpointAsync();
        var sums = job.QueryValues<long, long>("running-sum", "accumulator");
        var watch = Stopwatch.StartNew();
        var found = 0;
        await foreach (var entry in sums.ReadAllAsync())
            found++;
        var scanned = found / watch.Elapsed.TotalSeconds;
        if (fills)
            await sums.GetManyAsync(Enumerable.Range(0, (int)Keys).Select(static key => (long)key));
        var (_, before) = await PhaseAsync(clock, static _ => Task.Delay(1));
        var (lookups, beside) = await PhaseAsync(clock, async i =>
        {
            if (!(await sums.GetAsync(Events.Key(i, Keys))).HasValue)
                throw new InvalidOperationException("A key that was filled is gone.");
        });
        var (_, after) = await PhaseAsync(clock, static _ => Task.Delay(1));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{found} keys, read through at {scanned:F0} per second; {lookups:F0} lookups per second; events per second before, during and after: {before / 1e6:F1}M, {beside / 1e6:F1}M, {after / 1e6:F1}M; ended in between: {clock.Cost is not null}");
    }

    /// <summary>Does something again and again: how often in a second, and how many events the job did in one.</summary>
    private static Task<(double Done, double Events)> PhaseAsync(RunClock clock, Func<long, Task> act) => Task.Run(async () =>
    {
        var (watch, events, done) = (Stopwatch.StartNew(), clock.Outcome.Count, 0L);
        while (watch.Elapsed < s_phase)
            await act(done++);
        return (done / watch.Elapsed.TotalSeconds, (clock.Outcome.Count - events) / watch.Elapsed.TotalSeconds);
    });
}
