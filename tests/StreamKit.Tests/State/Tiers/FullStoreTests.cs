using System.IO.Pipelines;
using StreamKit.State;

namespace StreamKit.Tests.State;

/// <summary>A local store without room, and files that cannot be written: what cannot leave stays in memory until a checkpoint makes room, and nothing is lost.</summary>
public sealed class FullStoreTests : IDisposable
{
    private const int Room = 20;
    private static readonly KeyGroupRange _all = new(0, 15);

    private readonly InMemoryLocalState _local = new(hotBytes: 400, rows: Room);
    private readonly KeyedState<long> _state;
    private readonly ValueTable<long> _table;
    private int _notified;

    public FullStoreTests()
    {
        var serializers = new SerializerRegistry();
        _state = new KeyedState<long>(_all, 16, serializers.GetKey<long>());
        _table = new ValueTable<long>(StateSignature.Of<long>("value", StateKind.Value, serializers), serializers.Get<long>());
        _state.AddTable(_table);
        _state.Attach(new Residency(_state, new ResidencySetup
        {
            Name = "test",
            Part = "test",
            Local = _local,
            HotBytes = _local.HotBytes,
            IsDurable = true,
            Notify = () => _notified++,
            Run = static work => work(),
            Stopping = CancellationToken.None,
        }));
    }

    [Fact]
    public void Work_WithoutACheckpoint_FailsBeforeMemoryIsTwiceTheBudget()
    {
        Assert.Throws<LocalStoreFullException>(() => Fill(0, 1_000));

        Assert.InRange(_state.Residency!.UsedBytes, _local.HotBytes, _local.HotBytes * 3);
    }

    [Fact]
    public async Task Work_WithACheckpointUnderWay_WaitsForItsCommitAndLosesNothing()
    {
        _state.Residency!.Mount(new HomeTier(static work => work(), parallelism: 1), isLoaded: true); // of a view without segments
        Fill(0, Room);
        using KeyedStateCut cut = _state.Cut();
        Assert.True(cut.Advance(int.MaxValue));
        await cut.WriteAsync(PipeWriter.Create(Stream.Null), CancellationToken.None);
        long next = Room;
        for (; _state.Residency.HasRoom; next++)
            Fill(next, next + 1);
        Assert.InRange(next, Room + 5, 2 * Room);

        cut.Complete();
        cut.PassedOn!();
        Fill(next, next + 1);

        Assert.True(_state.Residency.HasRoom);
        for (long key = Room; key <= next; key++)
            Assert.Equal(key, Read(key));
    }

    [Fact]
    public async Task Cut_OfStateOfWhichNothingHasLeft_WakesTheTaskWhenItEnds()
    {
        Fill(0, 3);
        using KeyedStateCut cut = _state.Cut();
        Assert.Null(cut.Spilled);
        Assert.True(cut.Advance(int.MaxValue));
        _notified = 0;

        await cut.WriteAsync(PipeWriter.Create(Stream.Null), CancellationToken.None);
        cut.Complete();

        Assert.True(_notified > 0); // it may wait for memory, which nothing leaves while a cut is open
    }

    [Fact]
    public async Task Cut_WhoseFilesCannotBeWritten_LeavesAllRowsToTheNext()
    {
        Fill(0, Room);
        using (KeyedStateCut failing = _state.Cut())
        {
            Assert.NotNull(failing.Spilled);
            Assert.True(failing.Advance(int.MaxValue));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => failing.WriteAsync(PipeWriter.Create(Stream.Null), new CancellationToken(canceled: true)).AsTask());
        }

        _state.EndBatch();
        using KeyedStateCut next = _state.Cut();
        Assert.True(next.Advance(int.MaxValue));
        SegmentInfo info = await next.WriteAsync(PipeWriter.Create(Stream.Null), CancellationToken.None);

        Assert.Equal(Room, info.Rows);
    }

    public void Dispose() => _local.Dispose();

    private void Fill(long first, long next)
    {
        for (long key = first; key < next; key++)
        {
            int[] slots = new int[1];
            Assert.True(_state.TryResolve([key], slots));
            _table.Column.Set(slots[0], key);
            _state.EndBatch();
        }
    }

    private long Read(long key)
    {
        int[] slots = new int[1];
        Assert.True(_state.TryResolve([key], slots));
        Assert.True(_table.Column.TryPeek(slots[0], out long value), $"key {key} is gone");
        _state.EndBatch();
        return value;
    }
}
