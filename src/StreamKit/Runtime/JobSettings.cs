using Microsoft.Extensions.Logging;

namespace StreamKit.Runtime;

/// <summary>Everything the runtime needs of the builder, fixed when the job is built.</summary>
internal sealed record JobSettings(
    string Name,
    int MaxParallelism,
    ICheckpointStore? Store,
    CheckpointOptions Checkpoints,
    RestartStrategy RestartStrategy,
    TimeSpan FlushInterval,
    TimeProvider TimeProvider,
    ILogger Logger,
    Func<object, string?> DescribeRecord,
    SerializerRegistry Serializers,
    ulong Seed,
    Func<JobExecutor> CreateExecutor);
