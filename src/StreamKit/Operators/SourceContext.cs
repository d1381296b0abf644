using Microsoft.Extensions.Logging;

namespace StreamKit;

/// <summary>What a source learns of the job that runs it.</summary>
public sealed class SourceContext
{
    internal SourceContext(string name, int parallelism, int maxParallelism, TimeProvider timeProvider, ILogger logger, SerializerRegistry serializers)
    {
        Name = name;
        Parallelism = parallelism;
        MaxParallelism = maxParallelism;
        TimeProvider = timeProvider;
        Logger = logger;
        Serializers = serializers;
    }

    /// <summary>The source's name in the job.</summary>
    public string Name { get; }

    /// <summary>The number of subtasks that read it now. A later run may have another number: splits must not depend on it.</summary>
    public int Parallelism { get; }

    /// <summary>The job's maximum parallelism, fixed for its life.</summary>
    public int MaxParallelism { get; }

    /// <summary>The job's clock; take all time and all delays from it.</summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>The job's logger.</summary>
    public ILogger Logger { get; }

    /// <summary>The job's serializers.</summary>
    public SerializerRegistry Serializers { get; }
}
