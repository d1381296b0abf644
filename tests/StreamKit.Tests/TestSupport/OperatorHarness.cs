using StreamKit.Elements;
using StreamKit.Operators;
using StreamKit.State;
using StreamKit.Tests.State;
using StreamKit.Tests.State.Segments;

namespace StreamKit.Tests.TestSupport;

/// <summary>
/// Runs one keyed operator as its tasks would: records are dealt out to the subtasks by key group, watermarks go to all of them.
/// It can be cut at any point, and a new one can go on from there at any parallelism.
/// </summary>
internal sealed class OperatorHarness<TKey, TIn, TOut> : IAsyncDisposable
    where TKey : notnull
{
    public const int MaxParallelism = 16;

    private readonly Func<Operator<TIn, TOut>> _factory;
    private readonly Func<TIn, TKey> _selector;
    private readonly SerializerRegistry _serializers;
    private readonly ISideProbe[] _sides;
    private readonly List<(Operator<TIn, TOut> Operator, TestServices Services)> _subtasks = [];
    private RowUnion _stored = new();
    private long _lateBeforeRestore;

    public OperatorHarness(Func<Operator<TIn, TOut>> factory, Func<TIn, TKey> selector, SerializerRegistry serializers, params ISideProbe[] sides)
    {
        _factory = factory;
        _selector = selector;
        _serializers = serializers;
        _sides = sides;
        Start(1, null);
    }

    public ManualClock Clock { get; } = new();

    public Probe<TOut> Output { get; } = new();

    /// <summary>Records dropped as late, restores or not.</summary>
    public long LateRecords => _lateBeforeRestore + _subtasks.Sum(static subtask => subtask.Services.Metrics.LateRecords);

    /// <summary>The state of the first subtask.</summary>
    public KeyedState Keyed => _subtasks[0].Operator.Keyed!;

    public int LiveKeys => _subtasks.Sum(static subtask => subtask.Operator.Keyed!.LiveKeys);

    public long NextWake => _subtasks.Min(static subtask => subtask.Operator.NextWake);

    public void Send(TIn value, long timestamp) => Send([(value, timestamp)]);

    /// <summary>Sends records in one batch per subtask.</summary>
    public void Send(IEnumerable<(TIn Value, long Timestamp)> records)
    {
        foreach (var bySubtask in records.GroupBy(record => SubtaskOf(record.Value)))
        {
            foreach (var chunk in bySubtask.Chunk(BatchPool<TIn>.Capacity))
            {
                var batch = BatchPool<TIn>.Rent();
                foreach (var (value, timestamp) in chunk)
                {
                    batch.HasTimestamps |= timestamp != EventTime.None;
                    batch.Timestamps[batch.Count] = timestamp;
                    batch.Values[batch.Count++] = value;
                }

                _subtasks[bySubtask.Key].Operator.Receive(batch);
            }
        }
    }

    public void Watermark(long watermark)
    {
        foreach (var (subtask, _) in _subtasks)
        {
            var batch = BatchPool<TIn>.Rent();
            batch.Watermark = watermark;
            subtask.Receive(batch);
        }
    }

    /// <summary>Moves the clock and wakes those that are due.</summary>
    public void Wake(long now)
    {
        Clock.Now = now;
        foreach (var (subtask, _) in _subtasks)
        {
            while (subtask.NextWake <= now)
                subtask.OnWake(now);
        }
    }

    /// <summary>Sends a barrier. The cut is written by <see cref="HarnessCut.Write"/>, now or after more has been sent.</summary>
    public HarnessCut Cut()
    {
        var cuts = new List<OperatorCut>();
        foreach (var (subtask, services) in _subtasks)
        {
            var batch = BatchPool<TIn>.Rent();
            batch.Control = new CheckpointBarrier(1, stops: false);
            subtask.Receive(batch);
            cuts.Add(services.Cuts[^1]);
        }

        return new HarnessCut(cuts, _stored);
    }

    /// <summary>Throws the running operator away and starts it from a snapshot.</summary>
    public void Restore(HarnessSnapshot snapshot, int parallelism)
    {
        _lateBeforeRestore = LateRecords;
        _subtasks.Clear();
        Start(parallelism, snapshot);
    }

    /// <summary>Starts the operator from a file that a checkpoint keeps.</summary>
    public async Task RestoreAsync(byte[] segment, IReadOnlyList<StateDescriptor> states, long watermark)
    {
        var rows = await SegmentFixture.ReadAsync(await SegmentFixture.OpenAsync(segment), new KeyGroupRange(0, MaxParallelism - 1));
        Restore(new HarnessSnapshot(states, [.. rows.Select(static row => new RecordedRow(row.KeyGroup, row.StateId, row.Key, row.SubKey, row.Value))], watermark), 1);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (subtask, _) in _subtasks)
            await subtask.DisposeAsync();
    }

    private void Start(int parallelism, HarnessSnapshot? snapshot)
    {
        _stored = new RowUnion();
        _stored.Apply(snapshot?.Rows ?? []);
        for (var subtask = 0; subtask < parallelism; subtask++)
        {
            var created = _factory();
            var services = TestServices.Create(_serializers, Clock, subtask, parallelism, MaxParallelism, snapshot?.Watermark ?? EventTime.None, snapshot?.States);
            created.Connect(new OperatorOutput<TOut>(Output, [.. _sides.Select(side => side.Connect(services.Metrics))], services.Metrics));
            created.Open(services);
            foreach (var row in snapshot?.Rows ?? [])
                ((KeyedState<TKey>)created.Keyed!).Load(row.KeyGroup, row.StateId, row.Key, row.SubKey, row.Value);
            created.Keyed!.MarkStored();
            _subtasks.Add((created, services));
        }
    }

    private int SubtaskOf(TIn value)
    {
        var keyGroup = KeyGroups.Of(_serializers.GetKey<TKey>().Hash(_selector(value)), MaxParallelism);
        return KeyGroups.SubtaskOf(keyGroup, _subtasks.Count, MaxParallelism);
    }
}
