namespace StreamKit.State.Faster;

/// <summary>What the stores of one job may use, all together, and where.</summary>
internal sealed class LocalStoreOptions
{
    /// <summary>The folder; several processes may share it. Nothing in it is worth keeping.</summary>
    public required string Directory { get; init; }

    /// <summary>How many stores share the budgets: one for each subtask with keyed state.</summary>
    public required int Stores { get; init; }

    /// <summary>The job's clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Memory of all stores, in bytes. 256 MB by default. A store takes no less than about 1 MB.</summary>
    public long MemoryBytes { get; init; } = 256L << 20;

    /// <summary>Memory of values in use, outside the stores, in bytes. 256 MB by default.</summary>
    public long HotBytes { get; init; } = 256L << 20;

    /// <summary>What is kept of checkpoints. 32 MB in memory by default, and nothing on disk.</summary>
    public LocalBlocks Blocks { get; init; } = new(32L << 20);

    /// <summary>Disk of all stores, in bytes. 64 GB by default. A store takes no less than twice its memory.</summary>
    public long DiskBytes { get; init; } = 64L << 30;

    /// <summary>How often a failing operation of the disk is tried before the store is given up. 4 by default.</summary>
    public int Attempts { get; init; } = 4;

    /// <summary>The pause after the first failure; each is four times the one before. One millisecond by default: state is waiting for it.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Runs work soon, on any thread: the job's executor. Null by default: then the owner writes, when it must.</summary>
    public Action<IThreadPoolWorkItem>? Schedule { get; init; }

    /// <summary>Waits for a while, where blocking until the clock's timer fires would wait for ever: in a simulation. Null by default.</summary>
    public Action<TimeSpan>? Pause { get; init; }
}
