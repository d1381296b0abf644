using StreamKit.Elements;
using StreamKit.Time;

namespace StreamKit.Operators;

/// <summary>One split that a source operator is reading: at most one read is under way, and may have finished behind the operator's back.</summary>
internal sealed class OpenSplit<T>(SplitState restored, SplitReader<T> reader, WatermarkProgress<T>? progress, Action notify) : IAsyncDisposable
{
    private readonly SplitBatch<T> _batch = new();
    private Task<bool>? _read;
    private bool _more;
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
        if (_read is not null)
        {
            if (!_read.IsCompleted)
                return false;
            _more = _read.GetAwaiter().GetResult();
            _read = null;
        }

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
        if (_read is { } read)
        {
            try
            {
                await read;
            }
            catch (Exception)
            {
                // The attempt is over: what this read would have brought is read again by the next one.
            }
        }

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
        _read = read.AsTask();
        _read.ContinueWith(static (_, notify) => ((Action)notify!)(), notify, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
