using System.IO.Pipelines;

namespace StreamKit.State;

/// <summary>
/// The changed rows that left memory between two cuts, in files, from the oldest to the newest; in the end with those that were still in memory at the cut.
/// Owned by the cut; whoever has it writes.
/// </summary>
internal sealed class SpilledRows(SpillFiles files, KeyGroupRange range, List<SpillRun> runs, SpillBuffer? rest) : IDisposable
{
    private SpillBuffer? _rest = rest;

    /// <summary>The files, from the oldest to the newest.</summary>
    public IReadOnlyList<SpillRun> Runs => runs;

    /// <summary>Rows that are in no file yet; newer than the files.</summary>
    public SpillBuffer? Rest => _rest;

    /// <summary>Writes what is in memory to files: from then on the cut needs nothing of its owner.</summary>
    /// <param name="writeRows">Writes the rows that have changed and are in memory.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public async ValueTask CaptureAsync(Func<OrderedRowSink, ValueTask> writeRows, CancellationToken cancellationToken)
    {
        if (_rest is { } buffer)
        {
            await AddAsync(segment => buffer.WriteAsync(segment, cancellationToken), cancellationToken);
            _rest = null;
            buffer.Dispose();
        }

        await AddAsync(WriteAsync, cancellationToken);

        async ValueTask WriteAsync(SegmentWriter segment)
        {
            using var sink = new SegmentRowSink(segment);
            await writeRows(sink);
        }
    }

    /// <summary>Writes the union of the files as one segment.</summary>
    public async ValueTask<SegmentInfo> MergeAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        using var writer = new SegmentWriter(output, files.KeyFingerprint);
        await SpillUnions.WriteAsync(runs, range, writer, cancellationToken.ThrowIfCancellationRequested, cancellationToken);
        return await writer.CompleteAsync(cancellationToken);
    }

    /// <summary>Deletes the files.</summary>
    public void Dispose()
    {
        foreach (SpillRun run in runs)
            run.Dispose();
        _rest?.Dispose();
    }

    private async ValueTask AddAsync(Func<SegmentWriter, ValueTask> write, CancellationToken cancellationToken)
    {
        if (await files.WriteAsync(write, tier: 0, cancellationToken) is { } run)
            runs.Add(run);
    }
}
