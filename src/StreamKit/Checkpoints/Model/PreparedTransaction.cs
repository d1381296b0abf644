namespace StreamKit.Checkpoints;

/// <summary>A transaction that a sink prepared and that is committed once a checkpoint that names it is durable.</summary>
/// <param name="Sink">The name of the sink operator.</param>
/// <param name="Id">Unique in the life of the job.</param>
/// <param name="Payload">What the committer needs besides the id.</param>
internal sealed record PreparedTransaction(string Sink, string Id, ReadOnlyMemory<byte> Payload);
