using System.Runtime.InteropServices;

namespace StreamKit.Connectors;

/// <summary>The records of a list as one split; the position is the index.</summary>
internal sealed class CollectionSource<T>(IReadOnlyList<T> items) : Source<T>
{
    public override ValueTask<IReadOnlyList<SourceSplit>> DiscoverSplitsAsync(SourceContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<SourceSplit>>([new SourceSplit("0")]);

    public override SplitReader<T> CreateReader(SourceSplit split, SourcePosition position, SourceContext context) => new Reader(items, position.Offset);

    private sealed class Reader(IReadOnlyList<T> items, long offset) : SplitReader<T>
    {
        // A list that has become shorter than a checkpoint's position has nothing more to give.
        private int _next = (int)Math.Min(offset, items.Count);

        public override ValueTask<bool> ReadAsync(SplitBatch<T> batch, CancellationToken cancellationToken)
        {
            int count = Math.Min(batch.Free, items.Count - _next);
            Span<T> target = batch.FreeSpan[..count];
            switch (items)
            {
                // An array of a derived type cannot be seen as a span of T.
                case T[] array when array.GetType() == typeof(T[]):
                    array.AsSpan(_next, count).CopyTo(target);
                    break;
                case List<T> list:
                    CollectionsMarshal.AsSpan(list).Slice(_next, count).CopyTo(target);
                    break;
                default:
                    for (int i = 0; i < count; i++)
                        target[i] = items[_next + i];
                    break;
            }

            batch.Advance(count);
            _next += count;
            batch.Position = new SourcePosition(_next);
            return ValueTask.FromResult(_next < items.Count);
        }
    }
}
