namespace StreamKit;

/// <summary>What a job says of itself when it opens its local state.</summary>
public sealed class LocalStateContext
{
    internal LocalStateContext()
    {
    }

    /// <summary>The job's name.</summary>
    public required string JobName { get; init; }

    /// <summary>How many subtasks of the job have keyed state that may leave memory.</summary>
    public required int Subtasks { get; init; }

    /// <summary>The job's clock.</summary>
    public required TimeProvider TimeProvider { get; init; }

    /// <summary>Runs work soon, on any thread; null when everything has to happen on the thread that calls.</summary>
    public required Action<IThreadPoolWorkItem>? Schedule { get; init; }
}
