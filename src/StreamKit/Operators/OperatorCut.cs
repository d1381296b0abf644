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

    /// <summary>Named lists, handed out again item by item at restore.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>>? Lists { get; init; }

    /// <summary>Transactions a sink prepares.</summary>
    public Task<IReadOnlyList<Committable>>? Prepared { get; init; }
}
