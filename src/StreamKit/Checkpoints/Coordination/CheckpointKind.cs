namespace StreamKit.Checkpoints;

/// <summary>Why a checkpoint is taken.</summary>
internal enum CheckpointKind
{
    /// <summary>The interval has passed.</summary>
    Periodic,

    /// <summary>Somebody asked for it; the job goes on.</summary>
    Manual,

    /// <summary>The job stops behind it, to be continued later.</summary>
    Stop,

    /// <summary>All input has been processed; nothing is left to be continued.</summary>
    Final,
}

/// <summary>Asks the sources for a barrier behind what they have emitted.</summary>
/// <param name="Id">Goes on the barrier; counts the checkpoints of one attempt, from 1.</param>
/// <param name="Kind">Why the checkpoint is taken.</param>
internal readonly record struct CheckpointRequest(long Id, CheckpointKind Kind);

/// <summary>A completed checkpoint: committed, and the sinks' transactions with it.</summary>
/// <param name="Id">The number on its barrier.</param>
/// <param name="Number">The number of its log entry; 0 without a store.</param>
/// <param name="Kind">Why it was taken.</param>
/// <param name="Duration">From the request to its end.</param>
/// <param name="Bytes">The length of the segments that were written for it.</param>
/// <param name="StateBytes">The length of all segments it names.</param>
/// <param name="Manifest">What was committed; null without a store.</param>
internal sealed record CheckpointResult(long Id, long Number, CheckpointKind Kind, TimeSpan Duration, long Bytes, long StateBytes, CheckpointManifest? Manifest);
