using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Checkpoints;

public sealed class InMemoryCheckpointStoreTests : CheckpointStoreConformance
{
    private readonly InMemoryCheckpointStore _store = new();

    protected override ICheckpointStore Open() => _store;
}
