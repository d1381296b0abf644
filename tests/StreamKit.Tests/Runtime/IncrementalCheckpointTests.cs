using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

/// <summary>Checkpoints of a job, one after the other: each writes what has changed, and all of them together are its state.</summary>
public class IncrementalCheckpointTests
{
    private const int Keys = 20_000;

    /// <summary>Held back until the end: a job that has read everything ends, and takes no checkpoints any more.</summary>
    private static readonly Change s_held = new(-1, null);

    private readonly InMemoryCheckpointStore _store = new();

    [Fact]
    public async Task Checkpoint_AfterFewKeysHaveChanged_WritesThoseOnly()
    {
        var gate = new Gate();
        var records = Enumerable.Range(0, Keys).Select(static key => new Change(key, 1)).Concat(Enumerable.Range(0, 200).Select(static i => new Change(i * 100, 5))).Append(s_held).ToList();
        await using var job = Job(records, gate, [], parallelism: 2);
        await job.StartAsync(TestContext.Current.CancellationToken);

        var full = await CheckpointAfterAsync(job, gate, Keys);
        var delta = await CheckpointAfterAsync(job, gate, Keys + 200);
        var none = await CheckpointAfterAsync(job, gate, Keys + 200);
        gate.OpenWide();
        await job.WaitAsync();

        Assert.Equal(full.Bytes, full.StateBytes);
        Assert.InRange(delta.Bytes, 200 * 6, full.Bytes / 50);
        Assert.InRange(delta.StateBytes, full.StateBytes, full.StateBytes + delta.Bytes);
        Assert.Equal(0, none.Bytes);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public async Task Job_RestartedAtOtherParallelisms_KeepsWhatWasDeletedAndWrittenAgain(int restarted)
    {
        var random = new Random(restarted);
        var totals = new Dictionary<int, long>();
        var records = new List<Change>();
        for (var i = 0; i < 6_000; i++)
        {
            var change = new Change(random.Next(500), random.Next(4) == 0 ? null : random.Next(100));
            records.Add(change);
            if (change.Amount is { } amount)
                totals[change.Key] = totals.GetValueOrDefault(change.Key) + amount;
            else
                totals.Remove(change.Key);
        }

        records.Add(s_held);
        var last = new List<(int Key, long? Total)>();
        for (var run = 0; run < 4; run++)
        {
            var gate = new Gate();
            gate.Open(1_500);
            await using var job = Job(records, gate, last, run % 2 == 0 ? 2 : restarted);
            await job.StartAsync(TestContext.Current.CancellationToken);
            for (var checkpoint = 0; checkpoint < 4; checkpoint++)
            {
                await UntilReadAsync(job, Math.Min(1_500, 400 * (checkpoint + 1)));
                await job.TriggerCheckpointAsync();
            }

            if (run < 3)
                continue; // stands still, and is taken over
            gate.OpenWide();
            await job.WaitAsync();
        }

        var seen = last.GroupBy(static each => each.Key).ToDictionary(static key => key.Key, static key => key.Last().Total);
        Assert.Equal(totals.OrderBy(static each => each.Key).Select(static each => (each.Key, (long?)each.Value)), seen.Where(static each => each.Value is not null).OrderBy(static each => each.Key).Select(static each => (each.Key, each.Value)));
    }

    private StreamJob Job(List<Change> records, Gate gate, List<(int Key, long? Total)> last, int parallelism)
    {
        var builder = StreamJob.CreateBuilder("incremental");
        builder.Parallelism = parallelism;
        builder.UseCheckpoints(_store);
        builder.Checkpoints.Interval = null;
        builder.FromSource("changes", new GatedSource<Change>(Source.FromCollection(records), gate)).WithParallelism(1)
            .KeyBy(static change => change.Key)
            .Process("totals", static () => new Totals())
            .SinkTo("last", new ActionSink<(int, long?)>(each =>
            {
                lock (last)
                    last.Add(each);
            }));
        return builder.Build();
    }

    private static async Task<CheckpointSummary> CheckpointAfterAsync(StreamJob job, Gate gate, long records)
    {
        gate.Open(records - job.GetMetrics().Operator("changes").RecordsOut);
        await UntilReadAsync(job, records);
        return await job.TriggerCheckpointAsync();
    }

    private static async Task UntilReadAsync(StreamJob job, long records)
    {
        while (job.GetMetrics().Operator("changes").RecordsOut < records)
            await Task.Delay(1, TestContext.Current.CancellationToken);
    }

    private sealed record Change(int Key, long? Amount);

    /// <summary>A total per key; no amount deletes it.</summary>
    private sealed class Totals : KeyedProcessFunction<int, Change, (int Key, long? Total)>
    {
        private ValueState<long> _total = null!; // set in Open

        public override void Open(OperatorContext context) => _total = context.State.Value<long>("total");

        public override void Process(Change change, Context context)
        {
            if (change.Amount is { } amount)
                _total.Value += amount;
            else
                _total.Clear();
            context.Collect((change.Key, _total.HasValue ? _total.Value : null));
        }
    }
}
