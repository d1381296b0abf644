namespace StreamKit.Connectors;

/// <summary>The records of a sequence as one split; the position is the number of records before, which are skipped when reading starts there.</summary>
internal sealed class EnumerableSource<T>(IEnumerable<T> items) : Source<T>
{
    public override ValueTask<IReadOnlyList<SourceSplit>> DiscoverSplitsAsync(SourceContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<SourceSplit>>([new SourceSplit("0")]);

    public override SplitReader<T> CreateReader(SourceSplit split, SourcePosition position, SourceContext context) => new Reader(items, position.Offset);

    private sealed class Reader(IEnumerable<T> items, long offset) : SplitReader<T>
    {
        private IEnumerator<T>? _enumerator;
        private long _next;

        public override ValueTask<bool> ReadAsync(SplitBatch<T> batch, CancellationToken cancellationToken)
        {
            _enumerator ??= items.GetEnumerator();
            bool more = true;
            while (_next < offset && more)
            {
                more = _enumerator.MoveNext();
                _next++;
            }

            while (more && batch.Free > 0)
            {
                more = _enumerator.MoveNext();
                if (!more)
                    break;
                batch.Add(_enumerator.Current);
                _next++;
            }

            batch.Position = new SourcePosition(_next);
            return ValueTask.FromResult(more);
        }

        public override ValueTask DisposeAsync()
        {
            _enumerator?.Dispose();
            return base.DisposeAsync();
        }
    }
}
