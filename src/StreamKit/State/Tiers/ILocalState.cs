namespace StreamKit;

/// <summary>What one attempt to run a job keeps on this machine. Safe for concurrent use.</summary>
public interface ILocalState : IDisposable
{
    /// <summary>The bytes of memory that values in use may take, all subtasks of the job together.</summary>
    long HotBytes { get; }

    /// <summary>What is kept of checkpoints, for rows that no store here has.</summary>
    LocalBlocks Blocks { get; }

    /// <summary>A folder on local disk that is this attempt's alone. What is in it is deleted when the state is disposed of, or opened the next time.</summary>
    string Folder { get; }

    /// <summary>Opens an empty store for one operator and subtask.</summary>
    /// <param name="name">The operator and subtask, for errors.</param>
    /// <param name="homeHoldsRows">Whether checkpoints hold rows that the store never saw, as after a restore: then a key without a row is <see cref="LocalRowStatus.Dropped"/> rather than absent.</param>
    /// <returns>The store; owned by one thread at a time.</returns>
    ILocalStore OpenStore(string name, bool homeHoldsRows);
}
