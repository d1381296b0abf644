namespace StreamKit.Comparison;

/// <summary>All workloads, in the order in which they run.</summary>
internal static class Catalog
{
    public static IReadOnlyList<Workload> Workloads { get; } =
    [
        StatelessNumbers.W1,
        StatelessBids.W2,
        .. RunningSums.All,
        .. LargerStates.All,
        WindowCounts.Tumbling,
        WindowCounts.Sliding,
        .. Chains.All,
        .. Shuffles.All,
        TimerFires.Timers,
        Pauses.Pause,
        Queries.Query,
        .. Restarts.All,
    ];
}
