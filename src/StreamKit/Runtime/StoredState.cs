using System.Collections.Concurrent;
using StreamKit.Checkpoints;
using StreamKit.State;

namespace StreamKit.Runtime;

/// <summary>What the store has of a keyed operator and subtask: a chain of segments, and which of their rows merges may leave out.</summary>
internal sealed class StoredState : IAsyncDisposable
{
    private readonly SegmentChain _chain;
    private readonly ConcurrentQueue<(long Sequence, Action PassedOn)> _waiting = new();
    private volatile IsDeadRow? _deadRows;

    /// <param name="schemas">The generations of schemas that rows are written in.</param>
    /// <param name="chain">Makes the chain, which asks for <see cref="DeadRows"/>, and whose view tells <see cref="OnPassed"/>.</param>
    public StoredState(SchemaHistory schemas, Func<StoredState, SegmentChain> chain)
    {
        Schemas = schemas;
        _chain = chain(this);
    }

    /// <summary>The generations of schemas that rows are written in.</summary>
    public SchemaHistory Schemas { get; }

    /// <summary>Tells the rows that merges may leave out; null when there are none.</summary>
    public IsDeadRow? DeadRows => _deadRows;

    /// <summary>Takes note of a cut that is stored.</summary>
    /// <param name="sequence">The cut's place in the order of age.</param>
    /// <param name="segment">What has changed; null when nothing has.</param>
    /// <param name="deadRows">
    /// Tells the rows that mean nothing since the cut. Never those of a later moment: a checkpoint may name a merged segment only if its own cut can do without what was left out.
    /// </param>
    /// <param name="passedOn">Called when what the cut holds is read from segments from now on; null where nothing waits for that.</param>
    /// <returns>The segments in force.</returns>
    public IReadOnlyList<SegmentReference> Append(long sequence, ChainedSegment? segment, IsDeadRow? deadRows, Action? passedOn)
    {
        _deadRows = deadRows;
        if (passedOn is not null)
            _waiting.Enqueue((sequence, passedOn));
        return segment is null ? _chain.Pass(sequence) : _chain.Append(segment.Reference, segment.Info);
    }

    /// <summary>Reads see all that a cut, and those before it, wrote. One call at a time, from any thread.</summary>
    public void OnPassed(long sequence)
    {
        Action? newest = null;
        while (_waiting.TryPeek(out var first) && first.Sequence <= sequence && _waiting.TryDequeue(out first))
            newest = first.PassedOn;
        newest?.Invoke();
    }

    public ValueTask DisposeAsync() => _chain.DisposeAsync();
}
