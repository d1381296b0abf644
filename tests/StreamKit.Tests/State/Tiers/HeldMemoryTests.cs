using StreamKit.Serialization;
using StreamKit.State;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.State;

/// <summary>What leaves memory and what does not: keys that something holds must not push out those in use, and what has not changed is not written again.</summary>
public sealed class HeldMemoryTests : IDisposable
{
    private const int HotBytes = 4_000;

    private readonly InMemoryLocalState _local = new(HotBytes);
    private readonly RecordingLogger _logger = new();
    private readonly KeyedState<long> _state;
    private readonly ValueTable<long> _table;

    public HeldMemoryTests()
    {
        var serializers = new SerializerRegistry();
        _state = new KeyedState<long>(new KeyGroupRange(0, 15), 16, serializers.GetKey<long>());
        _table = new ValueTable<long>(StateSignature.Of<long>("value", StateKind.Value, serializers), serializers.Get<long>());
        _state.AddTable(_table);
        _state.Attach(new Residency(_state, new ResidencySetup
        {
            Name = "holder 0",
            Part = "test",
            Local = _local,
            HotBytes = HotBytes,
            IsDurable = true,
            Notify = static () => { },
            Run = static work => work(),
            Logger = _logger,
            Stopping = CancellationToken.None,
        }));
    }

    [Fact]
    public void Trim_WithMoreKeysHeldByTimersThanMemoryTakes_KeepsAShareForValuesAndWarnsOnce()
    {
        for (long key = 0; key < 1_000; key++)
            Use(key, write: true, hold: true);
        int hot = _state.Residency!.HotKeys; // attached

        for (int turn = 0; turn < 100; turn++)
            Use(turn % 5, write: false, hold: false);

        int place = (int)(_state.Residency.UsedBytes / _state.LiveKeys);
        Assert.InRange(hot, (HotBytes / 4 / place) - 1, (HotBytes / 4 / place) + 1);
        Assert.InRange(_state.Residency.HotKeys, hot - 1, hot + 1);
        int reads = _local.Stores[0].Reads;
        for (int turn = 0; turn < 100; turn++)
            Use(turn % 5, write: false, hold: false);
        Assert.Equal(reads, _local.Stores[0].Reads); // the five stay
        string warning = Assert.Single(_logger.Lines, static message => message.Contains("cannot leave", StringComparison.Ordinal));
        Assert.Contains("holder 0", warning, StringComparison.Ordinal);
        Assert.Contains("Raise the memory budget", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Trim_WithinItsMemory_WarnsOfNothing()
    {
        for (long key = 0; key < 1_000; key++)
            Use(key, write: true, hold: false);

        Assert.DoesNotContain(_logger.Lines, static message => message.Contains("cannot leave", StringComparison.Ordinal));
        Assert.InRange(_state.Residency!.UsedBytes, HotBytes * 3 / 4, HotBytes);
    }

    [Fact]
    public void Leaving_WithoutAChangeSinceItCame_IsNotWrittenAgain()
    {
        for (long key = 0; key < 1_000; key++)
            Use(key, write: true, hold: false);
        for (long key = 0; key < 500; key++)
            Use(key, write: false, hold: false); // those that were still in memory have left
        int written = _local.Stores[0].Written;

        for (long key = 0; key < 800; key++)
            Assert.Equal(key, Use(key, write: false, hold: false));

        Assert.Equal(written, _local.Stores[0].Written);
    }

    [Fact]
    public void Leaving_WithAChangeOnEitherSideOfACut_IsWritten()
    {
        for (long key = 0; key < 1_000; key++)
            Use(key, write: true, hold: false);
        Use(1, write: false, hold: false); // comes
        Set(1, 42);
        using (KeyedStateCut cut = _state.Cut())
        {
            Assert.True(cut.Advance(int.MaxValue));
            cut.Complete(); // what had changed is forgotten
        }

        for (long key = 500; key < 900; key++)
            Use(key, write: false, hold: false);

        Assert.Equal(42, Use(1, write: false, hold: false));
    }

    public void Dispose() => _local.Dispose();

    private long Use(long key, bool write, bool hold)
    {
        int[] slots = new int[1];
        Assert.True(_state.TryResolve([key], slots));
        if (write)
            _table.Column.Set(slots[0], key);
        if (hold)
            _state.Retain(slots[0]);
        Assert.True(_table.Column.TryPeek(slots[0], out long value), $"key {key} is gone");
        _state.EndBatch();
        return value;
    }

    private void Set(long key, long value)
    {
        int[] slots = new int[1];
        Assert.True(_state.TryResolve([key], slots));
        _table.Column.Set(slots[0], value);
        _state.EndBatch();
    }
}
