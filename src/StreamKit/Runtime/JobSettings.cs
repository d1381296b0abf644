using Microsoft.Extensions.Logging;
using StreamKit.Checkpoints;

namespace StreamKit.Runtime;

/// <summary>Everything the runtime needs of the builder, fixed when the job is built.</summary>
internal sealed record JobSettings(
    string Name,
    int MaxParallelism,
    bool IsMaxParallelismSet,
    ICheckpointStore? Store,
    IStateBackend? StateBackend,
    CheckpointOptions Checkpoints,
    RestoreRules Restore,
    RestartStrategy RestartStrategy,
    TimeSpan FlushInterval,
    TimeProvider TimeProvider,
    ILogger Logger,
    Func<object, string?> DescribeRecord,
    SerializerRegistry Serializers,
    long ReadAtOnceBytes,
    long QueryCacheBytes,
    ulong Seed,
    Func<JobExecutor> CreateExecutor);
