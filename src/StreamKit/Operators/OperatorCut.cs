using StreamKit.Elements;
using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>What one operator and subtask adds to a checkpoint, taken at the barrier; written afterwards.</summary>
internal sealed class OperatorCut
{
    public required string OperatorName { get; init; }

    public long Watermark { get; init; } = EventTime.None;

    /// <summary>The keyed state at the barrier; nothing of it is serialized yet.</summary>
    public KeyedStateCut? Keyed { get; init; }

    /// <summary>Why this operator cannot take part; null when it can.</summary>
    public Exception? Declined { get; init; }

    /// <summary>Named lists, handed out again item by item at restore.</summary>
    public IReadOnlyDictionary<string, ListSnapshot>? Lists { get; init; }

    /// <summary>What a sink adds once it has prepared its transactions.</summary>
    public Task<DeferredCut>? Deferred { get; init; }
}

/// <summary>The part of a cut that is known only when a sink has written what came before the barrier.</summary>
internal sealed record DeferredCut(IReadOnlyList<Committable> Transactions, IReadOnlyDictionary<string, ListSnapshot>? Lists);
