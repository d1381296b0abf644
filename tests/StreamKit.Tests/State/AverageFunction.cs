namespace StreamKit.Tests.State;

/// <summary>Counts and sums in an accumulator that is changed in place.</summary>
internal sealed class AverageFunction : AggregateFunction<long, AverageFunction.Accumulator, (int Count, long Sum)>
{
    public override Accumulator CreateAccumulator() => new();

    public override Accumulator Add(Accumulator accumulator, long value)
    {
        accumulator.Count++;
        accumulator.Sum += value;
        return accumulator;
    }

    public override (int Count, long Sum) GetResult(Accumulator accumulator) => (accumulator.Count, accumulator.Sum);

    public override Accumulator Merge(Accumulator left, Accumulator right)
    {
        left.Count += right.Count;
        left.Sum += right.Sum;
        return left;
    }

    internal sealed class Accumulator
    {
        public int Count { get; set; }

        public long Sum { get; set; }
    }
}
