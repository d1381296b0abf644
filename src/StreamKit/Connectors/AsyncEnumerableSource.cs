namespace StreamKit.Connectors;

/// <summary>The records of an asynchronous sequence as one split; the position only counts them.</summary>
internal sealed class AsyncEnumerableSource<T>(IAsyncEnumerable<T> items) : Source<T>
{
    public override bool IsReplayable => false;

    public override bool IsBounded => false;

    public override ValueTask<IReadOnlyList<SourceSplit>> DiscoverSplitsAsync(SourceContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<SourceSplit>>([new SourceSplit("0")]);

    public override SplitReader<T> CreateReader(SourceSplit split, SourcePosition position, SourceContext context) => new Reader(items, position.Offset);

    private sealed class Reader(IAsyncEnumerable<T> items, long read) : SplitReader<T>
    {
        private readonly CancellationTokenSource _stop = new();
        private long _read = read;
        private IAsyncEnumerator<T>? _enumerator;

        /// <summary>The step that was under way when a batch was handed over.</summary>
        private Task<bool>? _pending;

        public override async ValueTask<bool> ReadAsync(SplitBatch<T> batch, CancellationToken cancellationToken)
        {
            _enumerator ??= items.GetAsyncEnumerator(_stop.Token);
            bool more = true;
            while (batch.Free > 0)
            {
                if (_pending is null)
                {
                    ValueTask<bool> step = _enumerator.MoveNextAsync();
                    if (step.IsCompleted)
                    {
                        more = await step;
                    }
                    else
                    {
                        _pending = step.AsTask();
                        if (batch.Count > 0)
                            break;
                    }
                }

                if (_pending is not null)
                {
                    more = await _pending.WaitAsync(cancellationToken);
                    _pending = null;
                }

                if (!more)
                    break;
                batch.Add(_enumerator.Current);
            }

            _read += batch.Count;
            batch.Position = new SourcePosition(_read);
            return more;
        }

        public override async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _stop.Dispose();
            if (_enumerator is not null)
            {
                // An enumerator must not be disposed during a step. One that ignores its token would hold up the job's end: it is disposed when its step ends.
                if (_pending is { IsCompleted: false })
                    _ = DisposeAfterAsync(_pending, _enumerator);
                else
                    await DisposeAfterAsync(_pending ?? Task.CompletedTask, _enumerator);
            }

            await base.DisposeAsync();
        }

        private static async Task DisposeAfterAsync(Task pending, IAsyncEnumerator<T> enumerator)
        {
            try
            {
                await pending;
            }
            catch (Exception)
            {
                // The outcome of a step that nobody waits for any more does not matter.
            }

            await enumerator.DisposeAsync();
        }
    }
}
