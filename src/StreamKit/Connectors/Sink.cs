using StreamKit.Connectors;

namespace StreamKit;

/// <summary>Sinks that call a delegate, print, or discard. Files are in <see cref="FileSink"/>.</summary>
public static class Sink
{
    /// <summary>Calls an action for every record, at least once: after a failure the records since the last checkpoint come again.</summary>
    /// <typeparam name="T">The record type.</typeparam>
    /// <param name="action">Called on the threads of the job, by several subtasks at once; must not block.</param>
    /// <returns>The sink.</returns>
    public static Sink<T> ForEach<T>(Action<T> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return new ActionSink<T>(action);
    }

    /// <summary>
    /// Calls an asynchronous function for every record, at least once: after a failure the records since the last checkpoint come again.
    /// Within a subtask the calls follow one another; a checkpoint waits for those before it.
    /// </summary>
    /// <typeparam name="T">The record type.</typeparam>
    /// <param name="function">Called by several subtasks at once. Its token is cancelled when the job stops.</param>
    /// <returns>The sink.</returns>
    public static Sink<T> ForEach<T>(Func<T, CancellationToken, ValueTask> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new AsyncActionSink<T>(function);
    }

    /// <summary>Prints every record to the standard output, a line each, at least once.</summary>
    /// <typeparam name="T">The record type.</typeparam>
    /// <param name="format">Makes the line of a record; null (the default) for its <see cref="object.ToString"/>.</param>
    /// <returns>The sink.</returns>
    public static Sink<T> Console<T>(Func<T, string>? format = null) =>
        new TextSink<T>(static () => System.Console.Out, format ?? (static value => value?.ToString() ?? ""));

    /// <summary>Takes every record and does nothing with it.</summary>
    /// <typeparam name="T">The record type.</typeparam>
    /// <returns>The sink.</returns>
    public static Sink<T> Discard<T>() => new ActionSink<T>(static _ => { });
}
