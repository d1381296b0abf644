using StreamKit.Checkpoints;
using StreamKit.State;

namespace StreamKit.Runtime;

/// <summary>What the store has of a keyed operator and subtask: a chain of segments, and which of their rows merges may leave out.</summary>
internal sealed class StoredState : IAsyncDisposable
{
    private readonly SegmentChain _chain;
    private volatile IsDeadRow? _deadRows;

    /// <param name="setup">Makes the chain's setup, given what says how dead rows are told.</param>
    /// <param name="schemas">The generations of schemas that rows are written in.</param>
    /// <param name="restored">The segments that were loaded.</param>
    /// <param name="stopping">Cancelled when the attempt ends.</param>
    public StoredState(Func<Func<IsDeadRow?>, SegmentChainSetup> setup, SchemaHistory schemas, IReadOnlyList<ChainedSegment> restored, CancellationToken stopping)
    {
        _chain = new SegmentChain(setup(() => _deadRows), restored, stopping);
        Schemas = schemas;
    }

    /// <summary>The generations of schemas that rows are written in.</summary>
    public SchemaHistory Schemas { get; }

    /// <summary>Takes note of a cut that is stored.</summary>
    /// <param name="sequence">The cut's place in the order of age.</param>
    /// <param name="segment">What has changed; null when nothing has.</param>
    /// <param name="deadRows">
    /// Tells the rows that mean nothing since the cut. Never those of a later moment: a checkpoint may name a merged segment only if its own cut can do without what was left out.
    /// </param>
    /// <returns>The segments in force.</returns>
    public IReadOnlyList<SegmentReference> Append(long sequence, ChainedSegment? segment, IsDeadRow? deadRows)
    {
        _deadRows = deadRows;
        return segment is null ? _chain.Pass(sequence) : _chain.Append(segment.Reference, segment.Info);
    }

    public ValueTask DisposeAsync() => _chain.DisposeAsync();
}
