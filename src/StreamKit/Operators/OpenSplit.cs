using System.Runtime.ExceptionServices;
using StreamKit.Elements;
using StreamKit.Time;

namespace StreamKit.Operators;

/// <summary>One split that a source operator is reading: at most one read is under way, and may have finished behind the operator's back.</summary>
internal sealed class OpenSplit<T>(SplitState restored, SplitReader<T> reader, WatermarkProgress<T>? progress, Action notify) : IAsyncDisposable
{
    private readonly SplitBatch<T> _batch = new();
    private Task _watch = Task.CompletedTask;
    private Exception? _failure;
    private bool _more;
    private bool _isPending;
    private bool _hasRead;
    private bool _readsAhead;

    public SplitState State { get; private set; } = restored;

    /// <summary>When the split last gave records; milliseconds since the Unix epoch.</summary>
    public long LastRecordAt { get; set; }

    public bool IsIdle { get; set; }

    /// <summary>Gives the next records, if there are any at once. The caller takes the batch over; it has its timestamps, and no watermark.</summary>
    public bool TryRead(List<(OutputTag Tag, object? Value)> side, out Batch<T>? batch, CancellationToken stopping)
    {
        batch = null;
        if (!_hasRead)
            Begin(stopping);
        if (Volatile.Read(ref _isPending))
            return false;
        if (_failure is { } failure)
            ExceptionDispatchInfo.Throw(failure);

        _hasRead = false;
        var more = _more;
        var filled = _batch.Batch;
        var state = State with { Position = _batch.Position, Finished = !more };
        _batch.Batch = BatchPool<T>.Rent();
        side.AddRange(_batch.Side);
        _batch.Side.Clear();
        if (more && _readsAhead)
            Begin(stopping);

        if (progress is not null && filled.Count > 0)
            state = state with { Watermark = progress.Advance(filled) };
        State = state;
        batch = filled;
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _watch; // what this read brings is read again by the next attempt
        await reader.DisposeAsync();
    }

    private void Begin(CancellationToken stopping)
    {
        _hasRead = true;
        var read = reader.ReadAsync(_batch, stopping);
        if (read.IsCompletedSuccessfully)
        {
            _more = read.Result;
            return;
        }

        // A reader that waits is asked for its next batch before the last one is processed.
        _readsAhead = true;
        _isPending = true;
        _watch = WatchAsync(read);
    }

    private async Task WatchAsync(ValueTask<bool> read)
    {
        try
        {
            _more = await read;
        }
        catch (Exception cause)
        {
            _failure = cause;
        }

        Volatile.Write(ref _isPending, false);
        notify();
    }
}
