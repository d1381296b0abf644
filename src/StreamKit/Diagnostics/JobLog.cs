using Microsoft.Extensions.Logging;

namespace StreamKit.Diagnostics;

/// <summary>Everything the engine logs about a job's life, with event ids that stay.</summary>
internal static partial class JobLog
{
    [LoggerMessage(1, LogLevel.Warning, "Job '{Job}': {Message}")]
    public static partial void GraphWarning(ILogger logger, string job, string message);

    [LoggerMessage(2, LogLevel.Information, "Job '{Job}' starts with {Tasks} tasks{From}.")]
    public static partial void Starting(ILogger logger, string job, int tasks, string from);

    [LoggerMessage(3, LogLevel.Information, "Job '{Job}' has finished: all input is processed and all output committed.")]
    public static partial void Finished(ILogger logger, string job);

    [LoggerMessage(4, LogLevel.Information, "Job '{Job}' finished in an earlier run (checkpoint {Checkpoint}). There is nothing left to process; start over with an empty checkpoint store.")]
    public static partial void FinishedBefore(ILogger logger, string job, long checkpoint);

    [LoggerMessage(5, LogLevel.Information, "Job '{Job}' has stopped with a final checkpoint. Started again, it goes on from there.")]
    public static partial void Stopped(ILogger logger, string job);

    /// <summary>A failure that ends the job is not logged: it is thrown to whoever runs the job.</summary>
    [LoggerMessage(8, LogLevel.Warning, "Job '{Job}' restarts from its latest checkpoint in {Seconds:0.###} s, after failure {Failures}:")]
    public static partial void Restarting(ILogger logger, Exception cause, string job, double seconds, int failures);

    [LoggerMessage(9, LogLevel.Debug, "Job '{Job}': checkpoint {Checkpoint} completed in {Duration}, {Bytes} bytes.")]
    public static partial void CheckpointCompleted(ILogger logger, string job, long checkpoint, TimeSpan duration, long bytes);

    [LoggerMessage(10, LogLevel.Warning, "Job '{Job}': a checkpoint failed; the job goes on.")]
    public static partial void CheckpointFailed(ILogger logger, Exception cause, string job);

    [LoggerMessage(11, LogLevel.Error, "Job '{Job}': while the attempt was being taken down, {Part} failed too.")]
    public static partial void TeardownFailed(ILogger logger, Exception cause, string job, string part);

    [LoggerMessage(12, LogLevel.Information, "Job '{Job}' begins with {Origin}: its state was copied into the job's own store, and is its first checkpoint.")]
    public static partial void Imported(ILogger logger, string job, string origin);

    [LoggerMessage(13, LogLevel.Warning, "Job '{Job}' drops the state of operator '{Operator}', which it does not have: {States}.")]
    public static partial void StateDropped(ILogger logger, string job, string @operator, string states);

    [LoggerMessage(14, LogLevel.Warning, "Job '{Job}' drops state that operator '{Operator}' does not declare: {States}.")]
    public static partial void UndeclaredStateDropped(ILogger logger, string job, string @operator, string states);

    [LoggerMessage(15, LogLevel.Information, "Job '{Job}': operator '{Operator}' takes over {Change}.")]
    public static partial void SchemaChanged(ILogger logger, string job, string @operator, string change);

    [LoggerMessage(20, LogLevel.Warning, "State of '{Operator}': {Bytes} of its {Budget} bytes of memory are taken by keys that cannot leave it, because timers, values with a time to live, or the next checkpoint hold them. Only {Share} bytes stay for the values of other keys, and memory grows beyond its budget. Raise the memory budget of state, raise the parallelism, or have fewer keys hold timers.")]
    public static partial void MemoryHeld(ILogger logger, string @operator, long bytes, long budget, long share);
}
