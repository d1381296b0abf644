namespace StreamKit.Elements;

/// <summary>Divides the records of one checkpoint from those of the next.</summary>
/// <param name="id">Counts the checkpoints of this attempt, from 1.</param>
/// <param name="stops">True when sources stop behind it: the job ends once this checkpoint is complete.</param>
internal sealed class CheckpointBarrier(long id, bool stops) : Control
{
    public long Id { get; } = id;

    public bool Stops { get; } = stops;

    public override string ToString() => $"barrier {Id}";
}
