namespace StreamKit;

/// <summary>
/// Where records come from: a set of splits, each read in order by a <see cref="SplitReader{T}"/>. One object serves all subtasks and attempts,
/// so it keeps no position of its own; its members may be called from several threads.
/// </summary>
/// <typeparam name="T">The record type.</typeparam>
public abstract class Source<T>
{
    /// <summary>True (the default) when a split read again from a position gives the same records again. Without it a failure loses or repeats records, and the job says so when it is built.</summary>
    public virtual bool IsReplayable => true;

    /// <summary>True (the default) when every split ends. Then a subtask reads 16 of its splits at a time; otherwise it reads all of them, since none makes room for another.</summary>
    public virtual bool IsBounded => true;

    /// <summary>Tells what is wrong with the source's settings, before the job starts; each line names the setting and the remedy.</summary>
    /// <param name="serializers">The job's serializers.</param>
    /// <returns>Nothing when all is well.</returns>
    public virtual IEnumerable<string> Validate(SerializerRegistry serializers) => [];

    /// <summary>Finds the splits. Called once, when the job starts without a checkpoint; afterwards the splits come from the checkpoint.</summary>
    /// <param name="context">The job.</param>
    /// <param name="cancellationToken">Cancelled when the job stops.</param>
    /// <returns>The splits in any order. They are given to subtasks in the order of their ids.</returns>
    public abstract ValueTask<IReadOnlyList<SourceSplit>> DiscoverSplitsAsync(SourceContext context, CancellationToken cancellationToken);

    /// <summary>Opens a reader for one split. Must not block: do I/O in the first <see cref="SplitReader{T}.ReadAsync"/>.</summary>
    /// <param name="split">The split.</param>
    /// <param name="position">The first record to read; the default is the beginning.</param>
    /// <param name="context">The job.</param>
    /// <returns>A new reader, disposed by the engine.</returns>
    public abstract SplitReader<T> CreateReader(SourceSplit split, SourcePosition position, SourceContext context);
}
