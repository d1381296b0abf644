namespace StreamKit.State.Faster;

/// <summary>State beyond memory, in Microsoft FASTER.</summary>
internal sealed class FasterStateBackend(FasterStateOptions options) : IStateBackend
{
    /// <summary>Values in use are what throughput depends on; the store's memory is for those that left a moment ago.</summary>
    private const double HotShare = 0.6;

    private const double StoreShare = 0.3;

    public ILocalState Open(LocalStateContext context) => LocalTier.Open(new LocalStoreOptions
    {
        Directory = options.Directory,
        Stores = context.Subtasks,
        Time = context.TimeProvider,
        HotBytes = (long)(options.MemoryBudget * HotShare),
        MemoryBytes = (long)(options.MemoryBudget * StoreShare),
        DiskBytes = options.DiskBudget,
        Schedule = context.Schedule,
        Pause = context.Schedule is null ? static _ => { } : null,
    });
}
