namespace StreamKit.Comparison;

/// <summary>Makes events into the batches of the engine, in one split for each subtask; its position is the counter. Starts the meter at the first read.</summary>
internal sealed class CounterSource<T, TGenerator>(TGenerator generator, long events, int splits, RunClock clock) : Source<T>
    where TGenerator : struct, IGenerator<T>
{
    public override ValueTask<IReadOnlyList<SourceSplit>> DiscoverSplitsAsync(SourceContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<SourceSplit>>([.. Enumerable.Range(0, splits).Select(static split => new SourceSplit($"{split}"))]);

    public override SplitReader<T> CreateReader(SourceSplit split, SourcePosition position, SourceContext context)
    {
        var number = int.Parse(split.Id, System.Globalization.CultureInfo.InvariantCulture);
        var first = events * number / splits;
        return new Reader(generator, first + position.Offset, first, events * (number + 1) / splits, clock);
    }

    private sealed class Reader(TGenerator generator, long next, long first, long end, RunClock clock) : SplitReader<T>
    {
        private long _next = next;

        public override ValueTask<bool> ReadAsync(SplitBatch<T> batch, CancellationToken cancellationToken)
        {
            clock.Start();
            var room = batch.FreeSpan;
            var count = (int)Math.Min(room.Length, end - _next);
            Fill(room[..count], _next);
            _next += count;
            batch.Advance(count);
            batch.Position = new SourcePosition(_next - first);
            return ValueTask.FromResult(_next < end);
        }

        private void Fill(Span<T> room, long from)
        {
            var make = generator;
            for (var i = 0; i < room.Length; i++)
                room[i] = make.Make(from + i);
        }
    }
}
