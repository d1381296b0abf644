using StreamKit.Checkpoints;
using StreamKit.Diagnostics;
using StreamKit.Planning;

namespace StreamKit.Runtime;

/// <summary>
/// Lets a job begin with a savepoint: what it needs is copied into its own store and committed as its first checkpoint, from which it then
/// starts like from any other. Nothing leads back to the savepoint.
/// </summary>
internal static class SavepointStart
{
    /// <summary>The maximum parallelism of a job that is new to its store.</summary>
    /// <exception cref="StreamKitException">The savepoint has another one than the job wants, or cannot be read.</exception>
    public static async ValueTask<int> MaxParallelismAsync(JobSettings settings, CancellationToken cancellation)
    {
        if (settings.Restore.Savepoint is not { } location)
            return settings.MaxParallelism;
        var found = (await SavepointReader.ReadAsync(location, cancellation)).Job.MaxParallelism;
        return !settings.IsMaxParallelismSet || settings.MaxParallelism == found
            ? found
            : throw new StreamKitException(
                $"Job '{settings.Name}' has a maximum parallelism of {settings.MaxParallelism}, but the state in the savepoint '{location}' is divided by {found}. "
                + $"Leave MaxParallelism unset, or set it to {found}.");
    }

    /// <summary>Copies and commits. When it fails, nothing is committed, and the next start tries again.</summary>
    /// <param name="log">The log of the job, proven to be without a checkpoint.</param>
    /// <param name="location">The savepoint.</param>
    /// <param name="settings">The job's settings.</param>
    /// <param name="plan">The job's plan.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task ImportAsync(CheckpointLog log, ICheckpointStore location, JobSettings settings, JobPlan plan, CancellationToken cancellation)
    {
        var savepoint = await SavepointReader.ReadAsync(location, cancellation);
        var origin = $"the savepoint '{location}' (checkpoint {savepoint.Number} of job '{savepoint.Job.Name}')";
        var copied = 0;
        var copy = new SegmentCopy(location, log.Store, () => StoredNames.Data(log.Claim, 0, $"savepoint-{copied++:D4}"));
        CheckpointContent content;
        try
        {
            var fit = await RestoreFit.OfAsync(savepoint with { Job = savepoint.Job with { Name = settings.Name } }, location, origin, settings, plan, cancellation);
            content = new CheckpointContent(await copy.CopyAsync(fit.Manifest.Operators, cancellation), [], savepoint.Finished) { NotBefore = savepoint.Timestamp };
        }
        catch (CheckpointDamagedException cause)
        {
            throw new StreamKitException($"Job '{settings.Name}' cannot start from {origin}. {cause.Message}", cause) { IsPermanent = true };
        }

        await log.ImportAsync(content, cancellation);
        JobLog.Imported(settings.Logger, settings.Name, origin);
    }
}
