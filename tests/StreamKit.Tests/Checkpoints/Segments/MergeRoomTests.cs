using Microsoft.Extensions.Logging.Abstractions;
using StreamKit.Checkpoints;
using StreamKit.State;
using StreamKit.Tests.State.Segments;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Checkpoints.Segments;

public class MergeRoomTests
{
    private readonly ManualContext _context = new();

    [Fact]
    public void Enter_MoreThanThereIsRoomFor_WaitsInTheOrderOfTheLine()
    {
        var room = new MergeRoom(100);
        var entered = new List<string>();
        Dictionary<string, IDisposable> taken = [];
        Enter("a", 60);
        Enter("b", 60);
        Enter("small", 10);
        Enter("c", 30);
        Assert.Equal(["a"], entered);

        taken["a"].Dispose();
        taken["a"].Dispose();
        _context.RunAll();
        Assert.Equal(["a", "b", "small", "c"], entered);

        Enter("d", 1);
        Assert.DoesNotContain("d", entered);
        taken["small"].Dispose();
        _context.RunAll();
        Assert.Contains("d", entered);

        void Enter(string name, long bytes)
        {
            _context.Post(
                async _ =>
                {
                    IDisposable place = await room.EnterAsync(bytes, default);
                    entered.Add(name);
                    taken.Add(name, place);
                },
                null);
            _context.RunAll();
        }
    }

    [Fact]
    public async Task Enter_MoreThanAllTheRoom_IsAlone()
    {
        var room = new MergeRoom(100);
        IDisposable large = await room.EnterAsync(1_000, default);
        ValueTask<IDisposable> next = room.EnterAsync(1, default);
        Assert.False(next.IsCompleted);

        large.Dispose();

        (await next).Dispose();
        (await room.EnterAsync(100, default)).Dispose();
    }

    [Fact]
    public async Task Enter_WhoWaitsGivesUp_LetsTheNextOneIn()
    {
        var room = new MergeRoom(100);
        using var stopping = new CancellationTokenSource();
        IDisposable first = await room.EnterAsync(60, default);
        Task<IDisposable> waiting = room.EnterAsync(60, stopping.Token).AsTask();
        Task<IDisposable> behind = room.EnterAsync(40, default).AsTask();
        Assert.False(behind.IsCompleted);

        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        (await behind).Dispose();
        first.Dispose();
        (await room.EnterAsync(100, default)).Dispose();
    }

    [Fact]
    public async Task Chains_ThatMergeAtOnce_TakeTurns()
    {
        var store = new InMemoryCheckpointStore();
        var gate = new TaskCompletionSource();
        var begun = new List<string>();
        store.Before = (call, name) =>
        {
            if (call != StoreCall.Put)
            {
                return default;
            }

            begun.Add(name);
            return new ValueTask(gate.Task);
        };
        var room = new MergeRoom(100_000);
        SegmentChain[] chains = [.. Enumerable.Range(0, 5).Select(i => Chain(i, store, room))];
        foreach (SegmentChain chain in chains)
        {
            await AppendAsync(chain, 1);
            await AppendAsync(chain, 2);
        }

        _context.RunAll();
        int atOnce = begun.Count;
        ValueTask stopped = chains[4].DisposeAsync();
        _context.RunAll();
        await stopped;
        gate.SetResult();
        _context.RunAll();

        // Each merge takes two segments of 20 KB, and what their keys take in filters.
        Assert.Equal(2, atOnce);
        Assert.Equal([1, 1, 1, 1, 2], chains.Select(each => each.InForce.Count));
        using IDisposable all = await room.EnterAsync(100_000, default);
    }

    private static async Task AppendAsync(SegmentChain chain, long sequence)
    {
        (byte[] bytes, SegmentInfo info) = await SegmentFixture.WriteAsync([new TestRow(0, 1, [(byte)sequence], [], new byte[20_000])]);
        chain.Append(new SegmentReference { Inline = bytes, Length = bytes.Length, KeyGroups = new(0, 7), Sequence = sequence, Checksum = info.Checksum }, info);
    }

    private SegmentChain Chain(int subtask, InMemoryCheckpointStore store, MergeRoom room)
    {
        var setup = new SegmentChainSetup
        {
            OperatorName = "counts",
            Subtask = subtask,
            Store = store,
            Claim = 7,
            Part = $"0.0-{subtask}",
            Run = RunAsync,
            Room = room,
            Logger = NullLogger.Instance,
            Pick = chain => chain.Count == 2 ? (0, 2) : null,
        };
        return new SegmentChain(setup, [], default);
    }

    private Task RunAsync(Func<Task> work)
    {
        var ended = new TaskCompletionSource();
        _context.Post(
            async _ =>
            {
                await work();
                ended.SetResult();
            },
            null);
        return ended.Task;
    }
}
