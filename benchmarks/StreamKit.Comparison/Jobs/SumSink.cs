namespace StreamKit.Comparison;

/// <summary>Counts and sums results.</summary>
internal sealed class SumSink<T, TProjection>(RunClock clock) : Sink<T>
    where TProjection : struct, IProjection<T>
{
    public override SinkWriter<T> CreateWriter(SinkContext context) => new Writer(clock);

    private sealed class Writer(RunClock clock) : SinkWriter<T>
    {
        private long _count;
        private long _sum;

        public override void Write(T value, long timestamp)
        {
            _count++;
            _sum += TProjection.Of(value);
        }

        public override void Write(ReadOnlySpan<T> values, ReadOnlySpan<long> timestamps, ref int taken)
        {
            var sum = 0L;
            foreach (var value in values)
                sum += TProjection.Of(value);
            _sum += sum;
            _count += values.Length;
            taken = values.Length;
        }

        public override ValueTask FlushAsync(CancellationToken cancellationToken)
        {
            clock.Add(_count, _sum);
            _count = 0;
            _sum = 0;
            return ValueTask.CompletedTask;
        }
    }
}
