using System.Reactive.Linq;

namespace StreamKit.Comparison;

/// <summary>W2: bids in another currency, of every 123rd auction.</summary>
internal static class StatelessBids
{
    public static Workload W2 { get; } = new("W2", 100_000_000,
    [
        Implementation.Plain(static events => PlainLoop.Run(events, Loop)),
        StreamKitJob.Implementation<Bid, Bids>("streamkit-struct", default, static bids => bids.Map<ToEuro, Bid>(default).Filter(default(IsChosen)).Sum<Bid, BidChecksum>()),
        StreamKitJob.Implementation<Bid, Bids>(
            "streamkit", default, static bids => bids.Map(static bid => bid with { Price = bid.Price * 908 / 1000 }).Filter(static bid => bid.Auction % 123 == 0).Sum<Bid, BidChecksum>()),
        Implementation.Synchronous("rx", RunRx, divisor: 2),
    ]);

    private static Outcome Loop(long from, long to)
    {
        var count = 0L;
        var sum = 0L;
        for (var i = from; i < to; i++)
        {
            var bid = default(Bids).Make(i);
            bid = bid with { Price = bid.Price * 908 / 1000 };
            if (bid.Auction % 123 == 0)
            {
                count++;
                sum += BidChecksum.Of(bid);
            }
        }

        return new Outcome(count, sum);
    }

    private static Outcome RunRx(long events)
    {
        var tally = new Tally<Bid, BidChecksum>();
        using var running = new Generated<Bid, Bids>(default, events)
            .Select(static bid => bid with { Price = bid.Price * 908 / 1000 })
            .Where(static bid => bid.Auction % 123 == 0)
            .Subscribe(tally);
        return tally.Outcome;
    }

    private readonly struct ToEuro : IMapFunction<Bid, Bid>
    {
        public Bid Map(Bid value) => value with { Price = value.Price * 908 / 1000 };
    }

    private readonly struct IsChosen : IFilterFunction<Bid>
    {
        public bool Keep(Bid value) => value.Auction % 123 == 0;
    }
}
