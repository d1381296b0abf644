using System.Diagnostics;

namespace StreamKit.State;

/// <summary>Gathers the changed rows that leave memory between two cuts. Owned by the thread of its <see cref="KeyedState"/>.</summary>
/// <param name="folder">Where files are made.</param>
/// <param name="name">Tells the files of one subtask from those of others.</param>
/// <param name="keyFingerprint">How the keys are encoded.</param>
/// <param name="range">The key groups of the subtask.</param>
/// <param name="bufferBytes">So much is in memory before it goes to a file.</param>
internal sealed class Spill(string folder, string name, ulong keyFingerprint, KeyGroupRange range, int bufferBytes) : IDisposable
{
    private readonly SpillFiles _files = new(folder, name, keyFingerprint);
    private List<SpillRun> _runs = [];
    private SpillBuffer? _buffer;

    /// <summary>Whether anything has gathered.</summary>
    public bool IsEmpty => _runs.Count == 0 && _buffer is not { IsEmpty: false };

    /// <summary>Where the changed rows of a key are added, group by group.</summary>
    public SpillBuffer Buffer => _buffer ??= new SpillBuffer();

    /// <summary>Writes what has gathered in memory to a file, if it is much. Between keys.</summary>
    public void WriteIfFull()
    {
        if (_buffer is { } buffer && buffer.Length >= bufferBytes)
            Write(buffer, _runs);
    }

    /// <summary>Hands out all that has gathered, at a cut.</summary>
    public SpilledRows Take()
    {
        var taken = new SpilledRows(_files, keyFingerprint, range, _runs, _buffer);
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

    public void Dispose()
    {
        foreach (SpillRun run in _runs)
            run.Dispose();
        _buffer?.Dispose();
    }

    // On the owner's thread: a file of this size is written in the page cache's time.
    private void Write(SpillBuffer buffer, List<SpillRun> runs)
    {
        ValueTask<SpillRun?> writing = _files.WriteAsync(segment => buffer.WriteAsync(segment, CancellationToken.None), CancellationToken.None);
        Debug.Assert(writing.IsCompleted, "files of the local disk are written on the spot");
        if (writing.GetAwaiter().GetResult() is { } run)
            runs.Add(run);
        buffer.Clear();
    }
}
