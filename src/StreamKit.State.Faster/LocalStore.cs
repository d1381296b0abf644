using FASTER.core;

namespace StreamKit.State.Faster;

/// <summary>
/// The rows that a subtask's hot tier gave up: a cache on local disk, kept by FASTER, whose log holds the newest rows in memory and older ones in
/// files. Nothing in it survives the process, and nothing has to: what matters is in checkpoints. Owned by its subtask; one thread at a time.
/// </summary>
/// <remarks>
/// The contract with whoever cuts and commits:
/// a row is written here when it leaves the hot tier, changed or not, and a deleted one as deleted.
/// <see cref="Cut"/> at each barrier, in its pause. <see cref="Committed"/> when the checkpoint is committed <em>and</em> reads pass on to its segments: from then on rows
/// older than the cut may be dropped, and a key without a row is <see cref="LocalRowStatus.Dropped"/>, not absent.
/// <see cref="LocalStoreFullException"/> is the signal to wait for a commit; <see cref="LocalStoreFailedException"/> ends the attempt.
/// FASTER's own checkpoints, recovery, compaction and iteration are never used: see docs/decisions.
/// </remarks>
internal sealed partial class LocalStore : IDisposable
{
    // The owner must not find its page unwritten at once when the log wraps round, and FASTER must have handed out the writes of the page it wants
    // next: so some pages of memory are always on their way to disk.
    private const double MutableFraction = 0.75;

    // After dropping the head, so much of the disk budget is in use: room for a while, and yet a warm cache.
    private const double DiskAfterDrop = 0.75;

    private readonly string _name;
    private readonly LocalStoreSizes _sizes;
    private readonly StorageDevice _device;
    private readonly StoreFailure _failure;
    private readonly FasterKV<SpanByte, SpanByte> _store;
    private readonly LogAccessor<SpanByte, SpanByte> _log;
    private readonly ClientSession<SpanByte, SpanByte, byte, RowOutput, int, RowFunctions> _session;
    private readonly BatchAtHand _atHand = new();
    private readonly RowScratch _scratch;
    private readonly int _maximumKey;
    private readonly int _part;
    private bool _mayHaveDropped;
    private bool _disposed;
    private bool _together;
    private bool _inside;
    private long _readyBelow;
    private long _generation;
    private long _cuts;
    private long _committedTail;
    private long _rowsSinceCount;

    /// <param name="name">The name in errors.</param>
    /// <param name="sizes">What it may use.</param>
    /// <param name="files">The log's files; the store's own from here on.</param>
    /// <param name="retries">How often the disk is tried.</param>
    /// <param name="schedule">Runs work soon, on any thread; writes go there. Null: on the owner's, when needed.</param>
    /// <param name="homeHoldsRows">Whether the home tier holds rows that this store never saw, as after a restore.</param>
    public LocalStore(string name, LocalStoreSizes sizes, ISegmentFiles files, DeviceRetries retries, Action<IThreadPoolWorkItem>? schedule, bool homeHoldsRows)
    {
        _name = name;
        _sizes = sizes;
        _mayHaveDropped = homeHoldsRows;
        _failure = new StoreFailure(name);
        _device = new StorageDevice(name, files, retries, _failure, schedule);
        _maximumKey = RowLayout.MaximumKey(sizes.PageBytes);
        _part = RowLayout.MaximumPart(sizes.PageBytes);
        _scratch = new RowScratch(_maximumKey, _part);
        _store = new FasterKV<SpanByte, SpanByte>(new FasterKVSettings<SpanByte, SpanByte>
        {
            LogDevice = _device,
            IndexSize = sizes.IndexBytes,
            MemorySize = sizes.LogBytes,
            PageSize = sizes.PageBytes,
            SegmentSize = sizes.SegmentBytes,
            MutableFraction = MutableFraction,
            EqualityComparer = new RowKeyComparer(),
            ConcurrencyControlMode = ConcurrencyControlMode.None,
        });
        IndexBytes = sizes.IndexBytes;
        _log = _store.Log;
        _session = _store.For(new RowFunctions(_atHand)).NewSession<RowFunctions>();
    }

    /// <summary>The part of the log that has not been dropped: what is on disk, and what in memory will get there.</summary>
    public long LogBytes => _log.TailAddress - _device.FirstAddress;

    /// <summary>The part of the disk budget that others use.</summary>
    public long ReservedBytes { get; set; }

    /// <summary>Writes a row, in place of an older one.</summary>
    /// <param name="key">The key, at least one byte; its meaning is the caller's.</param>
    /// <param name="value">The value, of any length.</param>
    /// <exception cref="LocalStoreFullException">There is no room for it, and nothing may be dropped.</exception>
    /// <exception cref="LocalStoreFailedException">The disk failed.</exception>
    public void Upsert(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Check(key);
        if (value.Length > _part)
        {
            UpsertChunked(key, value);
            return;
        }

        _scratch.SetRowKey(key);
        var stored = _scratch.SetValue(value.Length + 1);
        stored[0] = RowLayout.Whole;
        value.CopyTo(stored[1..]);
        Append();
    }

    /// <summary>Writes that a row is deleted: a row itself, and dropped no earlier than others.</summary>
    /// <inheritdoc cref="Upsert"/>
    public void Delete(ReadOnlySpan<byte> key)
    {
        Check(key);
        _scratch.SetRowKey(key);
        _scratch.SetValue(1)[0] = RowLayout.Deleted;
        Append();
    }

    /// <summary>Until it is disposed of, rows are written a little faster, by this one thread; nothing is awaited in between.</summary>
    public TogetherScope WriteTogether()
    {
        ThrowIfUnusable();
        _together = true;
        return new TogetherScope(this);
    }

    /// <summary>Looks up all keys of a batch; those on disk together.</summary>
    /// <exception cref="LocalStoreFailedException">The disk failed. The batch holds no answers.</exception>
    public void Read(RowReadBatch batch)
    {
        ThrowIfUnusable();
        Leave();
        var missing = _mayHaveDropped ? LocalRowStatus.Dropped : LocalRowStatus.Absent;
        batch.BeginRows(missing);
        _atHand.Batch = batch;
        ReadRows(batch);
        _failure.ThrowIfPoisoned();

        if (!batch.BeginChunks(_part))
            return;
        ReadChunks(batch);
        _failure.ThrowIfPoisoned();

        if (batch.EndChunks(missing) && !_mayHaveDropped)
        {
            _failure.Poison(new InvalidDataException($"A row's chunks are missing in '{_name}', though nothing was dropped."));
            _failure.ThrowIfPoisoned();
        }
    }

    /// <summary>
    /// Marks a moment: rows written from here on are new records, never changes of older ones. Otherwise a change could hide below the cut and
    /// would be lost when that part is dropped. Cheap: what was not on disk yet is handed to the writer.
    /// </summary>
    public LocalCut Cut()
    {
        ThrowIfUnusable();
        Leave();
        var tail = _log.TailAddress;
        _log.ShiftReadOnlyAddress(tail, wait: false);
        return new LocalCut(++_cuts, tail);
    }

    /// <summary>Says that a cut's checkpoint is committed and that reads pass on to its segments: what is older may be dropped.</summary>
    public void Committed(LocalCut cut)
    {
        if (cut.Number < 1 || cut.Number > _cuts)
            throw new ArgumentOutOfRangeException(nameof(cut), cut.Number, $"'{_name}' has made {_cuts} cuts: commit one of them.");
        _committedTail = Math.Max(_committedTail, cut.Tail);
    }

    /// <summary>
    /// Gives the oldest segments back, as many as bring the log to three quarters of its budget, but at least one: only such as lie wholly below
    /// the newest committed cut and are written. False if there is none. Happens by itself when the budget is reached.
    /// </summary>
    public bool DropHead()
    {
        ThrowIfUnusable();
        Leave();
        var first = _device.FirstAddress;
        var excess = Math.Max(LogBytes + ReservedBytes - (long)(_sizes.DiskBytes * DiskAfterDrop), _sizes.SegmentBytes);
        var wanted = first + (excess + _sizes.SegmentBytes - 1) / _sizes.SegmentBytes * _sizes.SegmentBytes;
        // FASTER would wait for what is not written yet, and on a full disk for ever.
        var target = Math.Min(wanted, Math.Min(_committedTail, _device.WrittenBelow)) & ~(_sizes.SegmentBytes - 1);
        if (target <= first)
            return false;

        _mayHaveDropped = true;
        // Truncating through FASTER would hand the files to a thread of its own.
        _log.ShiftBeginAddress(target, truncateLog: false);
        _device.DeleteBelow(target);
        _failure.ThrowIfPoisoned();
        return true;
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Leave();
        // First, so that nothing is written from FASTER's memory any more.
        _device.Dispose();
        _session.Dispose();
        _store.Dispose();
    }

    private void ReadRows(RowReadBatch batch)
    {
        var context = _session.UnsafeContext;
        byte input = 0;
        context.BeginUnsafe();
        try
        {
            for (var i = 0; i < batch.Count; i++)
            {
                var key = batch.RowKey(i);
                RowOutput output = default;
                if (context.Read(ref key, ref input, ref output, i).Found)
                    batch.Found(i, output);
            }

            context.CompletePending(wait: true);
        }
        finally
        {
            context.EndUnsafe();
        }
    }

    private void ReadChunks(RowReadBatch batch)
    {
        var context = _session.UnsafeContext;
        byte input = 0;
        context.BeginUnsafe();
        try
        {
            for (var i = 0; i < batch.Count; i++)
            {
                var (chunks, generation) = batch.ChunksOf(i);
                for (var chunk = 0; chunk < chunks; chunk++)
                {
                    _scratch.SetChunkKey(batch.Key(i), generation, chunk);
                    var key = _scratch.Key;
                    var output = batch.PlaceOf(i, chunk, _part);
                    if (context.Read(ref key, ref input, ref output, i).Found)
                        batch.Found(i, output);
                }
            }

            context.CompletePending(wait: true);
        }
        finally
        {
            context.EndUnsafe();
        }
    }

    private void UpsertChunked(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var generation = ++_generation;
        for (var chunk = 0; chunk * _part < value.Length; chunk++)
        {
            var bytes = value.Slice(chunk * _part, Math.Min(_part, value.Length - chunk * _part));
            _scratch.SetChunkKey(key, generation, chunk);
            bytes.CopyTo(_scratch.SetValue(bytes.Length));
            Append();
        }

        _scratch.SetRowKey(key);
        RowLayout.WriteChunkedRow(_scratch.SetValue(RowLayout.ChunkedRowBytes), generation, value.Length);
        Append();
    }

    /// <summary>Appends what lies in the scratch memory.</summary>
    private void Append()
    {
        var key = _scratch.Key;
        var value = _scratch.Value;
        MakeRoom(RowLayout.RecordBytes(key.Length, value.Length));
        Enter();
        try
        {
            if (_session.UnsafeContext.Upsert(ref key, ref value).Record.Created)
                _rowsSinceCount++;
        }
        finally
        {
            if (!_together)
                Leave();
        }
    }

    /// <summary>Into FASTER's epoch, if not there already: entering and leaving costs as much as a small row.</summary>
    private void Enter()
    {
        if (_inside)
            return;
        _session.UnsafeContext.BeginUnsafe();
        _inside = true;
    }

    /// <summary>Out of it: nothing may wait for the disk in there, and FASTER refuses to grow its index.</summary>
    private void Leave()
    {
        if (!_inside)
            return;
        _inside = false;
        _session.UnsafeContext.EndUnsafe();
    }

    /// <summary>
    /// Sees to it that FASTER can take a record without waiting: a log that begins a new page evicts an old one, which must be on disk. FASTER would
    /// block for that, and for ever if the write failed.
    /// </summary>
    private void MakeRoom(int bytes)
    {
        _failure.ThrowIfPoisoned();
        var reached = _log.TailAddress + bytes;
        if (reached < _readyBelow)
            return;

        Leave();
        var end = (reached / _sizes.PageBytes + 1) * _sizes.PageBytes;
        var allowed = _sizes.DiskBytes - ReservedBytes;
        if (end - _device.FirstAddress > allowed && !(DropHead() && end - _device.FirstAddress <= allowed))
        {
            throw new LocalStoreFullException(
                $"The local state store '{_name}' uses {LogBytes} of its {_sizes.DiskBytes} bytes, of which committed checkpoints cover {_committedTail - _device.FirstAddress}; changed state that the next checkpoint waits for takes {ReservedBytes}. Wait for that checkpoint; if it comes too late, raise '{nameof(FasterStateOptions.DiskBudget)}'.");
        }

        WriteBelow(end - _sizes.LogBytes);
        _readyBelow = end;
    }

    private void WriteBelow(long address)
    {
        var progress = _device.WriteBelow(address);
        if (progress == WriteProgress.DiskFull && DropHead())
            progress = _device.WriteBelow(address);
        if (progress == WriteProgress.DiskFull)
        {
            throw new LocalStoreFullException(
                $"The disk of the local state store '{_name}' is full, and no committed checkpoint allows it to give back any of its {LogBytes} bytes. Wait for the next checkpoint, or free some space.");
        }

        _failure.ThrowIfPoisoned();
    }

    private void Check(ReadOnlySpan<byte> key)
    {
        ThrowIfUnusable();
        if (key.IsEmpty || key.Length > _maximumKey)
        {
            throw new StreamKitException(
                $"A row's key in the local state store '{_name}' has {key.Length} bytes; it may have 1 to {_maximumKey}. Use shorter keys, or raise the memory budget, with which pages grow.")
            {
                IsPermanent = true,
            };
        }
    }

    private void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _failure.ThrowIfPoisoned();
    }

    /// <summary>Rows written together.</summary>
    public readonly ref struct TogetherScope(LocalStore store)
    {
        public void Dispose()
        {
            store._together = false;
            store.Leave();
        }
    }
}
