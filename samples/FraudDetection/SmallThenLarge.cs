using StreamKit;

namespace FraudDetection;

/// <summary>
/// Rule 1: a transaction below 1.00, and the card's next one within a minute above 500.00. 'Next' means in event time, and records come up to 5 seconds
/// out of order. So each one waits in the card's state until the watermark says that nothing before it is missing any more.
/// </summary>
internal sealed class SmallThenLarge : KeyedProcessFunction<string, Transaction, Alert>
{
    public const string Name = "small-then-large";

    private const decimal SmallBelow = 1.00m;
    private const decimal LargeAbove = 500.00m;
    private const long LongestGap = 60_000;

    /// <summary>Transactions that wait, by their time. There can be several in one millisecond.</summary>
    private MapState<long, List<Waiting>> _waiting = null!; // set by Open

    /// <summary>The time of the latest transaction in event-time order, if it was small; otherwise absent.</summary>
    private ValueState<long> _smallAt = null!; // set by Open

    public override void Open(OperatorContext context)
    {
        _waiting = context.State.Map<long, List<Waiting>>("waiting");
        _smallAt = context.State.Value<long>("small-at");
    }

    public override void Process(Transaction transaction, Context context)
    {
        if (context.Timestamp <= context.Watermark)
            return; // too late: its place in the order has passed, and the windows of the other rules drop it as well
        if (!_waiting.TryGetValue(context.Timestamp, out var sameTime))
            sameTime = [];
        sameTime.Add(new Waiting(transaction.Id, transaction.Amount));
        _waiting[context.Timestamp] = sameTime;
        context.Timers.RegisterEventTime(context.Timestamp);
    }

    public override void OnTimer(long timestamp, Context context)
    {
        var sameTime = _waiting[timestamp];
        sameTime.Sort(static (left, right) => left.Id.CompareTo(right.Id));
        foreach (var transaction in sameTime)
        {
            if (transaction.Amount > LargeAbove && _smallAt.TryGet(out var smallAt) && timestamp - smallAt <= LongestGap)
                context.Collect(new Alert(Name, context.Key, DateTimeOffset.FromUnixTimeMilliseconds(timestamp), Id: transaction.Id));
            if (transaction.Amount < SmallBelow)
                _smallAt.Value = timestamp;
            else
                _smallAt.Clear();
        }

        _waiting.Remove(timestamp);
    }

    /// <summary>What the rule needs of a transaction that waits.</summary>
    [StreamType]
    internal readonly record struct Waiting(long Id, decimal Amount);
}
