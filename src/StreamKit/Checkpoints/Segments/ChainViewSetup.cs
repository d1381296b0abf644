using Microsoft.Extensions.Logging;
using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>What a <see cref="ChainView"/> works with.</summary>
internal sealed class ChainViewSetup
{
    /// <summary>Whose state it is, for messages.</summary>
    public required string OperatorName { get; init; }

    public required int Subtask { get; init; }

    /// <summary>Reads through the chain.</summary>
    public required HomeTier Tier { get; init; }

    /// <summary>Mounts a segment.</summary>
    public required Func<SegmentReference, CancellationToken, ValueTask<MountedSegment>> Mount { get; init; }

    /// <summary>Runs work beside everything else, such as the job's executor does. Must not run it before it returns.</summary>
    public required Func<Func<Task>, Task> Run { get; init; }

    /// <summary>Told that reads see all that a cut, and those before it, wrote: it is a later one each time. From any thread; must not throw.</summary>
    public required Action<long> OnPassed { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>Cancelled when the attempt ends.</summary>
    public required CancellationToken Stopping { get; init; }

    /// <summary>Mounts segments of a store through a cache.</summary>
    public static Func<SegmentReference, CancellationToken, ValueTask<MountedSegment>> MountFrom(ICheckpointStore store, BlockCache cache) =>
        async (reference, cancellationToken) => new MountedSegment(
            await HomeSegment.OpenAsync(StoredSegmentSource.Of(store, reference), reference.Checksum, cache, cancellationToken), reference.KeyGroups, reference.Generation);
}
