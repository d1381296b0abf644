namespace StreamKit.Connectors;

/// <summary>Any source behind a rate limit that all its readers share. Splits and positions are those of the source.</summary>
internal sealed class RateLimitedSource<T>(Source<T> source, double eventsPerSecond) : Source<T>
{
    private readonly RateLimit _limit = new(eventsPerSecond);

    public override bool IsReplayable => source.IsReplayable;

    public override bool IsBounded => source.IsBounded;

    public override IEnumerable<string> Validate(SerializerRegistry serializers) => source.Validate(serializers);

    public override ValueTask<IReadOnlyList<SourceSplit>> DiscoverSplitsAsync(SourceContext context, CancellationToken cancellationToken) =>
        source.DiscoverSplitsAsync(context, cancellationToken);

    public override SplitReader<T> CreateReader(SourceSplit split, SourcePosition position, SourceContext context) =>
        new Reader(source.CreateReader(split, position, context), _limit, context.TimeProvider);

    private sealed class Reader(SplitReader<T> reader, RateLimit limit, TimeProvider clock) : SplitReader<T>
    {
        public override async ValueTask<bool> ReadAsync(SplitBatch<T> batch, CancellationToken cancellationToken)
        {
            int tokens = limit.Take(clock, batch.Free, out TimeSpan wait);
            try
            {
                if (wait > TimeSpan.Zero)
                    await Task.Delay(wait, clock, cancellationToken);
                batch.Limit = tokens;
                return await reader.ReadAsync(batch, cancellationToken);
            }
            finally
            {
                batch.Limit = int.MaxValue;
                limit.Return(clock, tokens - batch.Count);
            }
        }

        public override async ValueTask DisposeAsync()
        {
            await reader.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
