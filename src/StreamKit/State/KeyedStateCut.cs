using System.IO.Pipelines;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// What has changed in keyed state since the cut before, as it was at a barrier. <see cref="Advance"/> on the owner's thread until it returns true; then it may
/// be written on any thread, once; <see cref="Complete"/> when the rows are where they stay; <see cref="Dispose"/> in any case. Without completion, what had
/// changed goes into the next cut. Until then the state keeps what the cut needs, and no other cut can begin.
/// </summary>
internal abstract class KeyedStateCut : IDisposable
{
    private const int Open = 0;
    private const int Writing = 1;
    private const int Written = 2;
    private const int Finished = 3;

    private readonly CutTable[] _tables;
    private volatile bool _abandoned;
    private volatile bool _stored;
    private volatile bool _captured;
    private int _settling;
    private int _phase = Open;
    private int _advancing;

    private protected KeyedStateCut(CutTable[] tables, StateDescriptor[] states, KeyGroupRange range)
    {
        _tables = tables;
        States = states;
        Range = range;
    }

    /// <summary>The states that the rows' ids stand for, in order of their ids.</summary>
    public IReadOnlyList<StateDescriptor> States { get; }

    /// <summary>The lowest id that was never given to a state of the operator.</summary>
    public required int NextStateId { get; init; }

    /// <summary>The key groups of the subtask.</summary>
    public KeyGroupRange Range { get; }

    /// <summary>The changed rows that left memory before the cut; null where none does. What is in memory joins them when the cut is written.</summary>
    public SpilledRows? Spilled { get; init; }

    /// <summary>Called when all that the cut holds is read from segments from now on; from any thread. Null where nothing waits for that.</summary>
    public Action? PassedOn { get; init; }

    /// <summary>Called on any thread, once or more, when the cut needs nothing of its owner any more, or has ended.</summary>
    public Action? Captured { get; init; }

    /// <summary>Whether the cut was completed or disposed of.</summary>
    public bool IsFinished => Volatile.Read(ref _phase) == Finished;

    /// <summary>Whether the tables have been told how it ended.</summary>
    public bool IsSettled => _settling == _tables.Length;

    /// <summary>Whether the tables may be told: the rows are in files of ours, or the cut is finished.</summary>
    public bool CanSettle => _captured || IsFinished;

    /// <summary>Whether the rows are where they stay.</summary>
    public bool IsStored => _stored;

    /// <summary>Whether <see cref="Advance"/> has returned true.</summary>
    public bool IsAdvanced => _advancing == _tables.Length;

    /// <summary>How the keys are encoded.</summary>
    public abstract TypeSchema KeySchema { get; }

    private protected CutTable[] Tables => _tables;

    /// <summary>Tells the rows that mean nothing any more since the barrier, those of dropped states among them; null when there are none.</summary>
    public IsDeadRow? DeadRows()
    {
        Dictionary<int, IsDeadRow?> byState = _tables.ToDictionary(static table => table.Id, static table => table.DeadRows);
        // Ids are given from 1 on, each once.
        bool hasDropped = NextStateId - 1 > _tables.Length;
        return !hasDropped && byState.Values.All(static isDead => isDead is null)
            ? null
            : (in SegmentRow row) => byState.TryGetValue(row.StateId, out IsDeadRow? isDead) ? isDead is not null && isDead(row) : hasDropped;
    }

    /// <summary>
    /// Serializes, on the owner's thread and between batches, slots that hold objects which user code may change. There are none where all
    /// state is known to be immutable.
    /// </summary>
    /// <param name="maxSlots">The most slots to serialize.</param>
    /// <returns>True when nothing is left for the owner's thread.</returns>
    /// <exception cref="StreamKitException">A value cannot be serialized.</exception>
    public bool Advance(int maxSlots)
    {
        while (_advancing < _tables.Length)
        {
            CutTable table = _tables[_advancing];
            bool done = table.Advance(ref maxSlots);
            ThrowIfFailed(_advancing);
            if (!done)
                return false;
            _advancing++;
        }

        return true;
    }

    /// <summary>Writes the cut as one segment. As <see cref="WriteAsync(OrderedRowSink, CancellationToken)"/>.</summary>
    /// <param name="output">Where the segment goes; not completed.</param>
    /// <param name="cancellationToken">Gives the writing up.</param>
    /// <returns>What was written.</returns>
    public async ValueTask<SegmentInfo> WriteAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        if (Spilled is { } spilled)
            return await WriteAsync(spilled, output, cancellationToken);
        using var writer = new SegmentWriter(output, KeySchema.Fingerprint);
        using var sink = new SegmentRowSink(writer);
        await WriteAsync(sink, cancellationToken);
        return await writer.CompleteAsync(cancellationToken);
    }

    /// <summary>Writes the rows of the cut in order: once, on any thread, when <see cref="Advance"/> has returned true. If that fails, the cut is finished.</summary>
    /// <param name="sink">Takes the rows; not disposed of.</param>
    /// <param name="cancellationToken">Gives the writing up.</param>
    public async ValueTask WriteAsync(OrderedRowSink sink, CancellationToken cancellationToken)
    {
        BeginWriting();
        int phase = Finished;
        try
        {
            await WriteRowsAsync(sink, cancellationToken);
            phase = Written;
        }
        finally
        {
            Release();
            Volatile.Write(ref _phase, _abandoned ? Finished : phase);
            Captured?.Invoke();
        }
    }

    /// <summary>Into files first, which is soon done, so that the owner need not wait until everything is stored.</summary>
    private async ValueTask<SegmentInfo> WriteAsync(SpilledRows spilled, PipeWriter output, CancellationToken cancellationToken)
    {
        BeginWriting();
        int phase = Finished;
        try
        {
            await spilled.CaptureAsync(sink => WriteRowsAsync(sink, cancellationToken), cancellationToken);
            Release();
            _captured = true;
            Captured?.Invoke();
            SegmentInfo info = await spilled.MergeAsync(output, cancellationToken);
            phase = Written;
            return info;
        }
        finally
        {
            Release();
            Volatile.Write(ref _phase, _abandoned ? Finished : phase);
            Captured?.Invoke();
        }
    }

    /// <summary>The rows are where they stay: the next cut has to hold only what changes after this one.</summary>
    public void Complete()
    {
        _stored = true;
        Volatile.Write(ref _phase, Finished);
        Captured?.Invoke();
    }

    /// <summary>
    /// Gives the cut up if it was not completed: the owner may change its pages in place again. While it is being written, the writing ends
    /// first, with an <see cref="OperationCanceledException"/>.
    /// </summary>
    public void Dispose()
    {
        _abandoned = true;
        if (Interlocked.CompareExchange(ref _phase, Finished, Open) == Open)
            Release();
        Interlocked.CompareExchange(ref _phase, Finished, Written);
        Captured?.Invoke();
    }

    /// <summary>Tells the tables how it ended, on the owner's thread, when <see cref="CanSettle"/>.</summary>
    /// <param name="pages">How many pages they are told of at most.</param>
    /// <returns>True when they know all.</returns>
    internal bool Settle(int pages)
    {
        while (_settling < _tables.Length && _tables[_settling].Settle(_captured || _stored, ref pages))
            _settling++;
        return IsSettled;
    }

    private void BeginWriting()
    {
        for (int i = 0; i < _tables.Length; i++)
            ThrowIfFailed(i);
        if (!IsAdvanced)
            throw new StreamKitException("The cut still has values to serialize on its owner's thread: call 'Advance' until it returns true, then write.");
        if (Interlocked.CompareExchange(ref _phase, Writing, Open) != Open)
            throw new StreamKitException("The cut was written or disposed of already. A cut is written once.");
    }

    private protected void ThrowIfAbandoned(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_abandoned)
            throw new OperationCanceledException("The cut was disposed of while it was being written.");
    }

    /// <summary>Writes the rows of all tables, by key group, state id, key and sub-key.</summary>
    private protected abstract ValueTask WriteRowsAsync(OrderedRowSink sink, CancellationToken cancellationToken);

    /// <summary>Lets the owner go on in place.</summary>
    private void Release()
    {
        foreach (CutTable table in _tables)
            table.Release();
    }

    private void ThrowIfFailed(int table)
    {
        if (_tables[table].Failure is { } failure)
            throw new StreamKitException($"State '{_tables[table].Name}' holds a value that cannot be written to a checkpoint: {failure.Message}", failure);
    }
}
