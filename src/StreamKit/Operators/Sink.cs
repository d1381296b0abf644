namespace StreamKit;

/// <summary>What a sink promises about a record's effect outside the job.</summary>
public enum SinkGuarantee
{
    /// <summary>After a failure a record may have its effect again.</summary>
    AtLeastOnce,

    /// <summary>Every record has its effect once, through transactions that are committed after the checkpoint that names them.</summary>
    ExactlyOnce,
}

/// <summary>
/// Where records go. A writer per subtask prepares transactions; one committer per sink commits them after the checkpoint that names them is durable.
/// One object serves all subtasks and attempts, so it keeps no connection of its own.
/// </summary>
/// <typeparam name="T">The record type.</typeparam>
public abstract class Sink<T>
{
    /// <summary>What the sink promises; the default is <see cref="SinkGuarantee.AtLeastOnce"/>.</summary>
    public virtual SinkGuarantee Guarantee => SinkGuarantee.AtLeastOnce;

    /// <summary>Tells what is wrong with the sink's settings, before the job starts; each line names the setting and the remedy.</summary>
    /// <param name="serializers">The job's serializers.</param>
    /// <param name="isDurable">True when the job keeps checkpoints in a store.</param>
    /// <returns>Nothing when all is well.</returns>
    public virtual IEnumerable<string> Validate(SerializerRegistry serializers, bool isDurable) => [];

    /// <summary>
    /// Makes the writer of one subtask and attempt. Must not block. After a restore this comes before the transactions that the checkpoint names are committed:
    /// a writer that shuts out or cleans up after earlier ones, such as by opening a transaction under the same name, must leave alone what they have prepared.
    /// What is to be discarded, <see cref="SinkCommitter.AbortAsync"/> discards.
    /// </summary>
    /// <param name="context">The subtask.</param>
    /// <returns>A new writer, disposed by the engine.</returns>
    public abstract SinkWriter<T> CreateWriter(SinkContext context);

    /// <summary>Makes the committer of an attempt, or null (the default) when there is nothing to commit.</summary>
    /// <param name="context">The job; its subtask is -1.</param>
    /// <returns>A new committer, disposed by the engine.</returns>
    public virtual SinkCommitter? CreateCommitter(SinkContext context) => null;
}
