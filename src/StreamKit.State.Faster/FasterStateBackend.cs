namespace StreamKit.State.Faster;

/// <summary>State beyond memory, in Microsoft FASTER.</summary>
internal sealed class FasterStateBackend(FasterStateOptions options) : IStateBackend
{
    /// <summary>Values in use are what throughput depends on; the store's memory is for its index, and for those that left a moment ago.</summary>
    private const double HotShare = 0.5;

    private const double StoreShare = 0.4;

    private const double BlockShare = 1 - HotShare - StoreShare;

    /// <summary>Blocks serve a start on the same machine, and keys that the stores have dropped.</summary>
    private const double BlockDiskShare = 0.25;

    public ILocalState Open(LocalStateContext context) => LocalTier.Open(new LocalStoreOptions
    {
        Directory = options.Directory,
        Stores = context.Subtasks,
        Time = context.TimeProvider,
        HotBytes = (long)(options.MemoryBudget * HotShare),
        MemoryBytes = (long)(options.MemoryBudget * StoreShare),
        DiskBytes = (long)(options.DiskBudget * (1 - BlockDiskShare)),
        Blocks = new LocalBlocks((long)(options.MemoryBudget * BlockShare), options.Directory, (long)(options.DiskBudget * BlockDiskShare)),
        Schedule = context.Schedule,
        Pause = context.Schedule is null ? static _ => { } : null,
    });
}
