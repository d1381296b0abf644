namespace StreamKit.Tests.TestSupport;

/// <summary>How many records sources may give: a test that wants a job at a certain place holds it there, however fast the machine is.</summary>
internal sealed class Gate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _allowed;

    /// <summary>Allows as many records as there are.</summary>
    public void OpenWide() => Open(long.MaxValue / 2);

    /// <summary>Allows so many more records.</summary>
    public void Open(long records)
    {
        lock (_lock)
        {
            _allowed += records;
            _opened.TrySetResult();
            _opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Waits until a record is allowed, and takes up to <paramref name="most"/>.</summary>
    public async ValueTask<int> TakeAsync(int most, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task opened;
            lock (_lock)
            {
                var taken = (int)Math.Min(most, _allowed);
                _allowed -= taken;
                if (taken > 0)
                    return taken;
                opened = _opened.Task;
            }

            await opened.WaitAsync(cancellationToken);
        }
    }
}

/// <summary>Any source behind a gate that all its readers share.</summary>
internal sealed class GatedSource<T>(Source<T> source, Gate gate) : Source<T>
{
    public override bool IsReplayable => source.IsReplayable;

    public override bool IsBounded => source.IsBounded;

    public override IEnumerable<string> Validate(SerializerRegistry serializers) => source.Validate(serializers);

    public override ValueTask<IReadOnlyList<SourceSplit>> DiscoverSplitsAsync(SourceContext context, CancellationToken cancellationToken) =>
        source.DiscoverSplitsAsync(context, cancellationToken);

    public override SplitReader<T> CreateReader(SourceSplit split, SourcePosition position, SourceContext context) =>
        new Reader(source.CreateReader(split, position, context), gate);

    private sealed class Reader(SplitReader<T> reader, Gate gate) : SplitReader<T>
    {
        public override async ValueTask<bool> ReadAsync(SplitBatch<T> batch, CancellationToken cancellationToken)
        {
            var allowed = await gate.TakeAsync(batch.Free, cancellationToken);
            try
            {
                batch.Limit = allowed;
                return await reader.ReadAsync(batch, cancellationToken);
            }
            finally
            {
                batch.Limit = int.MaxValue;
                if (batch.Count < allowed)
                    gate.Open(allowed - batch.Count);
            }
        }

        public override async ValueTask DisposeAsync()
        {
            await reader.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
