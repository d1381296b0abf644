using System.Globalization;

namespace StreamKit.Connectors;

/// <summary>
/// Records made from their index. Split i of n makes the records i, i + n, i + 2n, … , so that all splits advance together and none runs far ahead in event time.
/// The position is the number of records that the split has made.
/// </summary>
internal sealed class SequenceSource<T>(long? count, int splits, Func<long, T> make) : Source<T>
{
    public override bool IsBounded => count is not null;

    public override ValueTask<IReadOnlyList<SourceSplit>> DiscoverSplitsAsync(SourceContext context, CancellationToken cancellationToken)
    {
        var found = new SourceSplit[splits];
        for (int i = 0; i < splits; i++)
            found[i] = new SourceSplit(string.Create(CultureInfo.InvariantCulture, $"{i:D4}"), string.Create(CultureInfo.InvariantCulture, $"{i}/{splits}"));
        return ValueTask.FromResult<IReadOnlyList<SourceSplit>>(found);
    }

    public override SplitReader<T> CreateReader(SourceSplit split, SourcePosition position, SourceContext context)
    {
        // The split says of how many it is one: a later run of the job may have been written with another number.
        string[] parts = split.Data?.Split('/') ?? [];
        if (parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int stride)
            || index >= stride)
        {
            throw new StreamKitException($"The split '{split.Id}' of source '{context.Name}' carries '{split.Data}', expected 'index/count'. The checkpoint is from another kind of source: give the changed source another name.");
        }

        return new Reader(make, index, stride, (count ?? long.MaxValue), position.Offset);
    }

    private sealed class Reader(Func<long, T> make, long index, long stride, long count, long made) : SplitReader<T>
    {
        private readonly long _length = count <= index ? 0 : ((count - index - 1) / stride) + 1;
        private long _made = made;

        public override ValueTask<bool> ReadAsync(SplitBatch<T> batch, CancellationToken cancellationToken)
        {
            Span<T> target = batch.FreeSpan;
            int free = (int)Math.Clamp(_length - _made, 0, target.Length);
            long next = index + (_made * stride);
            for (int i = 0; i < free; i++)
            {
                target[i] = make(next);
                next += stride;
            }

            batch.Advance(free);
            _made += free;
            batch.Position = new SourcePosition(_made);
            return ValueTask.FromResult(_made < _length);
        }
    }
}
