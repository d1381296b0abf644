using StreamKit;

namespace FraudDetection;

/// <summary>Rule 2 counts a card's transactions in a window.</summary>
internal sealed class Burst : AggregateFunction<Transaction, long, long>
{
    public const string Name = "burst";
    public const long MoreThan = 5;

    public override long CreateAccumulator() => 0;

    public override long Add(long accumulator, Transaction value) => accumulator + 1;

    public override long Merge(long left, long right) => left + right;

    public override long GetResult(long accumulator) => accumulator;
}
