using System.Threading.Channels;

namespace StreamKit.Connectors;

/// <summary>The records of a channel as one split; the position only counts them.</summary>
internal sealed class ChannelSource<T>(ChannelReader<T> channel) : Source<T>
{
    public override bool IsReplayable => false;

    public override bool IsBounded => false;

    public override ValueTask<IReadOnlyList<SourceSplit>> DiscoverSplitsAsync(SourceContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<SourceSplit>>([new SourceSplit("0")]);

    public override SplitReader<T> CreateReader(SourceSplit split, SourcePosition position, SourceContext context) => new Reader(channel, position.Offset);

    private sealed class Reader(ChannelReader<T> channel, long read) : SplitReader<T>
    {
        private long _read = read;

        public override ValueTask<bool> ReadAsync(SplitBatch<T> batch, CancellationToken cancellationToken) =>
            Drain(batch) ? ValueTask.FromResult(true) : WaitAsync(batch, cancellationToken);

        private async ValueTask<bool> WaitAsync(SplitBatch<T> batch, CancellationToken cancellationToken)
        {
            // Another reader of the channel may take the records that this one was woken for.
            while (await channel.WaitToReadAsync(cancellationToken))
            {
                if (Drain(batch))
                    return true;
            }

            batch.Position = new SourcePosition(_read);
            return false;
        }

        private bool Drain(SplitBatch<T> batch)
        {
            while (batch.Free > 0 && channel.TryRead(out T? value))
                batch.Add(value);
            _read += batch.Count;
            batch.Position = new SourcePosition(_read);
            return batch.Count > 0;
        }
    }
}
