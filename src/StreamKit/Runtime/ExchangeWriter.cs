using StreamKit.Elements;
using StreamKit.Graph;

namespace StreamKit.Runtime;

/// <summary>The end of a chain, whatever its type.</summary>
internal interface IExchangeWriter
{
    /// <summary>False while batches wait for room in a channel: the task takes no more input then.</summary>
    bool HasCredit { get; }

    /// <summary>True when records or a watermark wait to be sent.</summary>
    bool HasPending { get; }

    /// <summary>Hands over batches that waited for room.</summary>
    void Drain();

    /// <summary>Sends what waits, full or not.</summary>
    void Flush();
}

/// <summary>Deals records out to the subtasks of the next chain: gathers them into one batch per target and sends those when full, on control, or when told to.</summary>
internal sealed class ExchangeWriter<T> : Receiver<T>, IExchangeWriter
{
    private readonly InputChannel<T>[] _targets;
    private readonly Partitioner<T>? _partitioner;
    private readonly Batch<T>?[] _pending;
    private readonly Queue<Batch<T>>[] _overflow;
    private readonly long[] _sentWatermarks;
    private readonly int[] _chosen = new int[BatchPool<T>.Capacity];
    private int _overflowing;
    private long _watermark = EventTime.None;

    /// <param name="targets">The channels to the subtasks behind.</param>
    /// <param name="partitioner">Chooses among several targets; null to send everything to all.</param>
    public ExchangeWriter(InputChannel<T>[] targets, Partitioner<T>? partitioner)
    {
        _targets = targets;
        _partitioner = partitioner;
        _pending = new Batch<T>?[targets.Length];
        _overflow = [.. targets.Select(static _ => new Queue<Batch<T>>())];
        _sentWatermarks = new long[targets.Length];
        _sentWatermarks.AsSpan().Fill(EventTime.None);
    }

    public bool HasCredit => _overflowing == 0;

    public bool HasPending
    {
        get
        {
            for (var target = 0; target < _targets.Length; target++)
            {
                if (_pending[target] is not null || _sentWatermarks[target] < _watermark)
                    return true;
            }

            return false;
        }
    }

    public override void Receive(Batch<T> batch)
    {
        var control = batch.Control;
        var watermark = batch.Watermark;
        if (batch.Count > 0 && _targets.Length == 1)
            Forward(batch);
        else
            Distribute(batch);
        if (watermark > _watermark)
            _watermark = watermark;
        if (control is not null)
            SendControl(control);
    }

    public void Drain()
    {
        for (var target = 0; target < _targets.Length && _overflowing > 0; target++)
        {
            var waiting = _overflow[target];
            while (waiting.TryPeek(out var batch) && _targets[target].TryWrite(batch))
            {
                waiting.Dequeue();
                _overflowing--;
            }
        }
    }

    public void Flush()
    {
        for (var target = 0; target < _targets.Length; target++)
        {
            if (_pending[target] is not null || _sentWatermarks[target] < _watermark)
                Send(target, null);
        }
    }

    /// <summary>To a single target a well-filled batch goes as it is; a small one is gathered.</summary>
    private void Forward(Batch<T> batch)
    {
        if (batch.Count < batch.Capacity / 2)
        {
            CopyTo(0, batch, 0, batch.Count);
            BatchPool<T>.Return(batch);
            return;
        }

        if (_pending[0] is not null)
            Send(0, null);
        batch.Control = null;
        batch.Watermark = EventTime.None;
        _pending[0] = batch;
        if (batch.IsFull)
            Send(0, null);
    }

    private void Distribute(Batch<T> batch)
    {
        if (batch.Count == 0)
        {
            // Nothing to deal out; its watermark and control are the caller's business.
        }
        else if (_partitioner is null)
        {
            for (var target = 0; target < _targets.Length; target++)
                CopyTo(target, batch, 0, batch.Count);
        }
        else
        {
            var chosen = _chosen.AsSpan(0, batch.Count);
            _partitioner.Partition(batch, chosen);
            if (_partitioner.GivesRuns)
                ScatterRuns(batch, chosen);
            else if (batch.HasTimestamps)
                ScatterWithTimestamps(batch, chosen);
            else
                Scatter(batch.Span, chosen);
        }

        BatchPool<T>.Return(batch);
    }

    private void Scatter(ReadOnlySpan<T> values, ReadOnlySpan<int> chosen)
    {
        for (var i = 0; i < values.Length && i < chosen.Length; i++)
        {
            var target = chosen[i];
            var pending = _pending[target] ??= BatchPool<T>.Rent();
            pending.Values[pending.Count] = values[i];
            if (++pending.Count == pending.Values.Length)
                Send(target, null);
        }
    }

    private void ScatterWithTimestamps(Batch<T> batch, ReadOnlySpan<int> chosen)
    {
        for (var i = 0; i < chosen.Length; i++)
            Add(chosen[i], batch.Values[i], batch.Timestamps[i]);
    }

    private void ScatterRuns(Batch<T> batch, ReadOnlySpan<int> chosen)
    {
        var from = 0;
        while (from < chosen.Length)
        {
            var run = chosen[from..].IndexOfAnyExcept(chosen[from]);
            if (run < 0)
                run = chosen.Length - from;
            CopyTo(chosen[from], batch, from, run);
            from += run;
        }
    }

    private void CopyTo(int target, Batch<T> batch, int from, int length)
    {
        while (length > 0)
        {
            var pending = _pending[target] ??= BatchPool<T>.Rent();
            var part = Math.Min(length, pending.Capacity - pending.Count);
            batch.Values.AsSpan(from, part).CopyTo(pending.Values.AsSpan(pending.Count));
            if (batch.HasTimestamps)
            {
                BeginTimestamps(pending);
                batch.Timestamps.AsSpan(from, part).CopyTo(pending.Timestamps.AsSpan(pending.Count));
            }
            else if (pending.HasTimestamps)
            {
                pending.Timestamps.AsSpan(pending.Count, part).Fill(EventTime.None);
            }

            pending.Count += part;
            from += part;
            length -= part;
            if (pending.IsFull)
                Send(target, null);
        }
    }

    private void Add(int target, T value, long timestamp)
    {
        var pending = _pending[target] ??= BatchPool<T>.Rent();
        var count = pending.Count;
        if (timestamp != EventTime.None)
            BeginTimestamps(pending);
        if (pending.HasTimestamps)
            pending.Timestamps[count] = timestamp;
        pending.Values[count] = value;
        pending.Count = count + 1;
        if (pending.IsFull)
            Send(target, null);
    }

    /// <summary>Makes room for timestamps; records that are there already have none.</summary>
    private static void BeginTimestamps(Batch<T> pending)
    {
        if (pending.HasTimestamps)
            return;
        pending.HasTimestamps = true;
        pending.Timestamps.AsSpan(0, pending.Count).Fill(EventTime.None);
    }

    private void SendControl(Control control)
    {
        for (var target = 0; target < _targets.Length; target++)
            Send(target, control);
    }

    private void Send(int target, Control? control)
    {
        var batch = _pending[target] ?? BatchPool<T>.Rent();
        _pending[target] = null;
        if (_sentWatermarks[target] < _watermark)
            batch.Watermark = _sentWatermarks[target] = _watermark;
        batch.Control = control;
        var waiting = _overflow[target];
        if (waiting.Count == 0 && _targets[target].TryWrite(batch))
            return;
        waiting.Enqueue(batch);
        _overflowing++;
    }
}
