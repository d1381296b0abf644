namespace StreamKit.Tests.TestSupport;

/// <summary>A transactional system outside the job, in memory: it survives every crash, refuses what cannot be, and keeps each committed record in order.</summary>
internal sealed class OutsideWorld<T>
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<T>> _prepared = [];
    private readonly HashSet<string> _committedIds = [];
    private readonly List<T> _committed = [];

    public IReadOnlyList<T> Committed
    {
        get
        {
            lock (_lock)
                return [.. _committed];
        }
    }

    public int Prepared
    {
        get
        {
            lock (_lock)
                return _prepared.Count;
        }
    }

    /// <summary>Called before a transaction is committed. It throws to make that fail.</summary>
    public Action? BeforeCommit { get; set; }

    public Sink<T> AsSink() => new WorldSink(this);

    private void Prepare(string id, List<T> rows)
    {
        lock (_lock)
        {
            if (!_prepared.TryAdd(id, rows) || _committedIds.Contains(id))
                throw new InvalidOperationException($"Transaction '{id}' was prepared twice.");
        }
    }

    private void Commit(string id)
    {
        BeforeCommit?.Invoke();
        lock (_lock)
        {
            if (_prepared.Remove(id, out var rows))
            {
                _committedIds.Add(id);
                _committed.AddRange(rows);
            }
            else if (!_committedIds.Contains(id))
            {
                throw new StreamKitException($"Transaction '{id}' is neither prepared nor committed.");
            }
        }
    }

    private void Abort(long claim, IReadOnlySet<string> keep)
    {
        lock (_lock)
        {
            foreach (var id in _prepared.Keys.Where(id => long.Parse(id.Split('-')[1], null) < claim && !keep.Contains(id)).ToList())
                _prepared.Remove(id);
        }
    }

    private sealed class WorldSink(OutsideWorld<T> world) : Sink<T>
    {
        public override SinkGuarantee Guarantee => SinkGuarantee.ExactlyOnce;

        public override SinkWriter<T> CreateWriter(SinkContext context) => new Writer(world, context);

        public override SinkCommitter CreateCommitter(SinkContext context) => new Committer(world, context.TimeProvider);
    }

    private sealed class Writer(OutsideWorld<T> world, SinkContext context) : SinkWriter<T>
    {
        private List<T> _rows = [];
        private int _sequence;

        public override void Write(T value, long timestamp) => _rows.Add(value);

        public override async ValueTask FlushAsync(CancellationToken cancellationToken) => await Task.Delay(TimeSpan.FromMilliseconds(1), context.TimeProvider, cancellationToken);

        public override async ValueTask<IReadOnlyList<Committable>> PrepareCommitAsync(CancellationToken cancellationToken)
        {
            if (_rows.Count == 0)
                return [];
            var rows = _rows;
            _rows = [];
            var id = $"{context.TransactionPrefix}{_sequence++}";
            await Task.Delay(TimeSpan.FromMilliseconds(2), context.TimeProvider, cancellationToken);
            world.Prepare(id, rows);
            return [new Committable(id, default)];
        }
    }

    private sealed class Committer(OutsideWorld<T> world, TimeProvider time) : SinkCommitter
    {
        public override async ValueTask CommitAsync(IReadOnlyList<Committable> transactions, CancellationToken cancellationToken)
        {
            foreach (var transaction in transactions)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), time, cancellationToken);
                world.Commit(transaction.TransactionId);
            }
        }

        public override ValueTask AbortAsync(long claim, IReadOnlySet<string> keep, CancellationToken cancellationToken)
        {
            world.Abort(claim, keep);
            return ValueTask.CompletedTask;
        }
    }
}
