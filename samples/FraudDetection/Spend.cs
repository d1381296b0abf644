using StreamKit;

namespace FraudDetection;

/// <summary>Rule 3 sums a card's amounts in a window. Decimals, because the sum must not depend on the order.</summary>
internal sealed class Spend : AggregateFunction<Transaction, decimal, decimal>
{
    public const string Name = "spend";
    public const decimal Above = 5000.00m;

    public override decimal CreateAccumulator() => 0;

    public override decimal Add(decimal accumulator, Transaction value) => accumulator + value.Amount;

    public override decimal Merge(decimal left, decimal right) => left + right;

    public override decimal GetResult(decimal accumulator) => accumulator;
}
