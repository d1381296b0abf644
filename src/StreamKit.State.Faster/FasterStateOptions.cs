namespace StreamKit;

/// <summary>How much memory and disk a job's keyed state may use. Budgets are those of the whole job in this process, however many operators and subtasks it has.</summary>
public sealed class FasterStateOptions
{
    /// <summary>
    /// The folder on local disk for what does not fit into memory. Several jobs and processes may share it; nothing in it is worth keeping, and what a dead process
    /// left is deleted. Default: a folder 'streamkit-state' in the system's folder for temporary files.
    /// </summary>
    public string Directory { get; set; } = Path.Combine(Path.GetTempPath(), "streamkit-state");

    /// <summary>
    /// The memory that state may take, in bytes: values in use, the newest rows of the local store, its index, and blocks of checkpoints. Half of it is for values in use and
    /// their keys, and a quarter of that half always stays for values that may leave: keys that timers hold keep a place in memory, and when these places take more than the
    /// rest, memory grows beyond the budget and a warning is logged. The index takes nine bytes or more for each key that has left, if need be beyond the budget. At least
    /// 4 MB. Default: 40% of what the process may use, which in a container is the container's limit.
    /// </summary>
    public long MemoryBudget { get; set; } = (long)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * DefaultMemoryShare);

    /// <summary>
    /// The local disk that state may take, in bytes, changed values that wait for the next checkpoint included; a quarter of it is for blocks of checkpoints, which a job that starts again on this machine finds there. When the rest is
    /// full, what checkpoints hold is dropped and read from them again. If that is not enough, because too much has changed since the last one, the attempt fails, and the job
    /// goes on from its last checkpoint. At least as much as the memory. Default: 64 GB.
    /// </summary>
    public long DiskBudget { get; set; } = DefaultDisk;

    private const double DefaultMemoryShare = 0.4;
    private const long DefaultDisk = 64L << 30;
    private const long SmallestMemory = 4L << 20;

    internal void Validate()
    {
        if (string.IsNullOrWhiteSpace(Directory))
            throw new StreamKitException("The directory for state that does not fit into memory is empty. Name a folder on a local disk.");
        if (MemoryBudget < SmallestMemory)
            throw new StreamKitException($"The memory budget of state is {MemoryBudget} bytes. Give it at least {SmallestMemory}.");
        if (DiskBudget < MemoryBudget)
            throw new StreamKitException($"The disk budget of state is {DiskBudget} bytes, its memory budget {MemoryBudget}. Give the disk at least as much as memory.");
    }
}
