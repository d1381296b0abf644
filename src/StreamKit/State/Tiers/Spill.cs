using System.Diagnostics;

namespace StreamKit.State;

/// <summary>
/// Gathers the changed rows that leave memory between two cuts. Files that have become many are merged on the job's executor, so that a cut never has to read
/// hundreds of them at once. Owned by the thread of its <see cref="KeyedState"/>.
/// </summary>
/// <param name="files">Makes the files.</param>
/// <param name="range">The key groups of the subtask.</param>
/// <param name="bufferBytes">So much is in memory before it goes to a file.</param>
/// <param name="run">Runs work on the job's executor.</param>
internal sealed class Spill(SpillFiles files, KeyGroupRange range, int bufferBytes, Func<Func<Task>, Task> run) : IAsyncDisposable
{
    private List<SpillRun> _runs = [];
    private SpillBuffer? _buffer;
    private SpillMerge? _merge;
    private Task _merging = Task.CompletedTask;

    /// <summary>Whether anything has gathered.</summary>
    public bool IsEmpty => _runs.Count == 0 && _buffer is not { IsEmpty: false };

    /// <summary>The files at hand.</summary>
    public int Files => _runs.Count;

    /// <summary>The bytes of all files, those that cuts hold included.</summary>
    public long Bytes => files.Bytes;

    /// <summary>Where the changed rows of a key are added, group by group.</summary>
    public SpillBuffer Buffer => _buffer ??= new SpillBuffer();

    /// <summary>Writes what has gathered in memory to a file, if it is much, and sees to it that files do not become too many. Between keys.</summary>
    public void WriteIfFull()
    {
        if (_buffer is { } buffer && buffer.Length >= bufferBytes)
            Write(buffer, _runs);
        if (_merging.IsCompleted)
            Merge();
    }

    /// <summary>Hands out all that has gathered, at a cut.</summary>
    public SpilledRows Take()
    {
        // What is being merged goes with the cut as it is: waiting for the merge would hold up the barrier.
        _merge?.GiveUp();
        _merge = null;
        var taken = new SpilledRows(files, range, _runs, _buffer);
        (_runs, _buffer) = ([], null);
        return taken;
    }

    /// <summary>Takes back what was not stored: it is older than what has gathered since.</summary>
    public void TakeBack(SpilledRows rows)
    {
        List<SpillRun> runs = [.. rows.Runs];
        if (rows.Rest is { IsEmpty: false } rest)
            Write(rest, runs);
        rows.Rest?.Dispose();
        _runs.InsertRange(0, runs);
    }

    public async ValueTask DisposeAsync()
    {
        _merge?.GiveUp();
        await _merging;
        foreach (SpillRun run in _runs)
            run.Dispose();
        _buffer?.Dispose();
    }

    /// <summary>Puts a finished merge in place of what it read, and begins the next one, if there is one to do.</summary>
    private void Merge()
    {
        if (_merge is { } merge)
        {
            _merge = null;
            merge.ThrowIfFailed();
            int place = _runs.IndexOf(merge.Inputs[0]);
            _runs.RemoveRange(place, merge.Inputs.Count);
            if (merge.Result is { } result)
                _runs.Insert(place, result);
            foreach (SpillRun input in merge.Inputs)
                input.Dispose();
        }

        if (!SpillTiers.TryChoose(_runs, out int first, out int count))
            return;
        _merge = new SpillMerge(files, range, _runs.GetRange(first, count));
        _merging = run(_merge.RunAsync);
    }

    // On the owner's thread: a file of this size is written in the page cache's time.
    private void Write(SpillBuffer buffer, List<SpillRun> runs)
    {
        ValueTask<SpillRun?> writing = files.WriteAsync(segment => buffer.WriteAsync(segment, CancellationToken.None), tier: 0, CancellationToken.None);
        Debug.Assert(writing.IsCompleted, "files of the local disk are written on the spot");
        if (writing.GetAwaiter().GetResult() is { } run)
            runs.Add(run);
        buffer.Clear();
    }
}
