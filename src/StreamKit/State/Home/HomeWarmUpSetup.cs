using Microsoft.Extensions.Logging;

namespace StreamKit.State;

/// <summary>What a <see cref="HomeWarmUp"/> works with.</summary>
internal sealed class HomeWarmUpSetup
{
    /// <summary>The operator and subtask, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>What is read.</summary>
    public required HomeTier Home { get; init; }

    /// <summary>The states that are read.</summary>
    public required IReadOnlyList<int> StateIds { get; init; }

    /// <summary>The key groups of the subtask.</summary>
    public required KeyGroupRange KeyGroups { get; init; }

    /// <summary>Wakes the owner of the state, from any thread.</summary>
    public required Action Notify { get; init; }

    public required TimeProvider TimeProvider { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>Cancelled when the attempt ends.</summary>
    public required CancellationToken Stopping { get; init; }
}
