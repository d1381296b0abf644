using Microsoft.Extensions.Logging;
using StreamKit.Checkpoints;
using StreamKit.State;
using StreamKit.Tests.State.Segments;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Checkpoints.Segments;

public class SegmentChainTests
{
    private const int SeedsPerTest = 50;
    private static readonly KeyGroupRange s_range = new(0, 7);

    private readonly InMemoryCheckpointStore _store = new();
    private readonly ManualContext _context = new();
    private readonly RecordingLogger _logger = new();
    private readonly List<Task> _merges = [];

    public static TheoryData<int> FirstSeeds => [.. Enumerable.Range(0, 20).Select(i => 1 + (i * SeedsPerTest))];

    [Theory]
    [MemberData(nameof(FirstSeeds))]
    public async Task Chain_ThroughMergesFailedCheckpointsAndRescales_KeepsTheState(int firstSeed)
    {
        for (int seed = firstSeed; seed < firstSeed + SeedsPerTest; seed++)
        {
            var random = new Random(seed);
            var job = new ChainedJob(random);
            await job.RestartAsync(random.Next(1, 5));
            for (int step = 0; step < 25; step++)
            {
                switch (random.Next(10))
                {
                    case 0 or 1:
                        await job.RestartAsync(random.Next(1, 5));
                        break;
                    case 2 or 3 or 4:
                        job.RunMerges();
                        break;
                    default:
                        await job.CheckpointAsync(fails: random.Next(4) == 0);
                        break;
                }

                (string expected, string actual) = await job.CompareAsync();
                Assert.Equal($"seed {seed}, step {step}\n{expected}", $"seed {seed}, step {step}\n{actual}");
            }
        }
    }

    [Fact]
    public async Task Append_WhileAMergeRuns_GoesBehindItsResult()
    {
        SegmentChain chain = Chain(pick: segments => segments.Count == 3 && segments[0].Level == 0 ? (0, 2) : null);
        var gate = new TaskCompletionSource();
        _store.Before = (call, _) => call == StoreCall.Put ? new ValueTask(gate.Task) : default;
        await AppendAsync(chain, 1, Large(1));
        await AppendAsync(chain, 2, Large(2));
        await AppendAsync(chain, 3, Row(1, 3));
        _context.RunAll();

        IReadOnlyList<SegmentReference> meanwhile = await AppendAsync(chain, 4, Row(1, 4));
        gate.SetResult();
        _context.RunAll();

        Assert.Equal([1L, 2, 3, 4], meanwhile.Select(each => each.Sequence));
        Assert.Equal([2L, 3, 4], chain.InForce.Select(each => each.Sequence));
        Assert.Equal("data/00000000000000000007/0000000001-merged-3.0-1", chain.InForce[0].ObjectName);
        Assert.Equal(s_range, chain.InForce[0].KeyGroups);
    }

    [Fact]
    public async Task Append_OfASegmentThatIsNotNewer_IsRefused()
    {
        SegmentChain chain = Chain();
        await AppendAsync(chain, 2, Row(1, 1));

        await Assert.ThrowsAsync<InvalidOperationException>(() => AppendAsync(chain, 2, Row(1, 1)));
    }

    [Fact]
    public async Task Merge_SmallResult_TravelsInTheManifest()
    {
        SegmentChain chain = Chain(pick: segments => segments.Count == 2 ? (0, 2) : null);
        await AppendAsync(chain, 1, Row(1, 1));
        await AppendAsync(chain, 2, Row(2, 2));
        _context.RunAll();

        SegmentReference only = Assert.Single(chain.InForce);
        Assert.Null(only.ObjectName);
        Assert.Equal(only.Length, only.Inline.Length);
        Assert.Empty(_store.Names);
        Assert.Equal(["0/1/01/=01", "0/1/02/=02"], await RowsAsync(only));
    }

    [Fact]
    public async Task Merge_Fails_IsLoggedAndTriedAgainAfterTheNextAppend()
    {
        SegmentChain chain = Chain(pick: segments => segments.Count >= 2 ? (0, 2) : null);
        _store.Before = (call, _) => call == StoreCall.Put ? throw new StreamKitException("The store is away.") : default;
        await AppendAsync(chain, 1, Large(1));
        await AppendAsync(chain, 2, Large(2));
        _context.RunAll();
        int before = chain.InForce.Count;
        _store.Before = null;

        await AppendAsync(chain, 3, Row(1, 3));
        _context.RunAll();

        Assert.Equal(2, before);
        Assert.Equal("The store is away.", Assert.Single(_logger.Causes).Message);
        Assert.Equal([2L, 3], chain.InForce.Select(each => each.Sequence));
        Assert.Equal(["data/00000000000000000007/0000000002-merged-3.0-1"], _store.Names);
    }

    [Fact]
    public async Task Merge_OfADamagedSegment_IsLoggedAndChangesNothing()
    {
        SegmentChain chain = Chain(pick: segments => segments.Count == 2 ? (0, 2) : null);
        await AppendAsync(chain, 1, Row(1, 1));
        (byte[] bytes, SegmentInfo info) = await SegmentFixture.WriteAsync(Row(1, 2));
        bytes[3] ^= 1;
        chain.Append(Reference(2, info) with { Inline = bytes }, info);
        _context.RunAll();

        Assert.Equal(2, chain.InForce.Count);
        Assert.IsType<CheckpointDamagedException>(Assert.Single(_logger.Causes));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dispose_WhileAMergeRuns_LeavesNoTaskAndNoObject(bool isAttemptStopped)
    {
        using var stopping = new CancellationTokenSource();
        SegmentChain chain = Chain(pick: segments => segments.Count == 2 ? (0, 2) : null, stopping: stopping.Token);
        var gate = new TaskCompletionSource();
        _store.Before = (call, _) => call == StoreCall.Put ? new ValueTask(gate.Task) : default;
        await AppendAsync(chain, 1, Large(1));
        await AppendAsync(chain, 2, Large(2));
        _context.RunAll();
        if (isAttemptStopped)
        {
            await stopping.CancelAsync();
        }

        Task disposed = chain.DisposeAsync().AsTask();
        gate.SetResult();
        _context.RunAll();
        await disposed;

        Assert.All(_merges, merge => Assert.True(merge.IsCompletedSuccessfully));
        Assert.Equal(2, chain.InForce.Count);
        Assert.Empty(_store.Names);
        Assert.Empty(_logger.Causes);
        await chain.DisposeAsync();
    }

    [Fact]
    public async Task Merge_DeadRows_GoWithTheOldestAndElseBecomeTombstones()
    {
        int count = 0;
        SegmentChain chain = Chain(segments => segments.Count == count ? (segments.Count - 2, 2) : null, isDead: (in SegmentRow row) => row.Key[0] == 9);
        await AppendAsync(chain, 1, Row(9, 1), Row(1, 1));
        await AppendAsync(chain, 2, Row(9, 2), Row(2, 2));
        count = 3;
        await AppendAsync(chain, 3, Row(3, 3));
        _context.RunAll();
        IEnumerable<string> younger = await RowsAsync(chain.InForce[1]);
        SegmentChain whole = Chain(segments => segments.Count == 2 ? (0, 2) : null, isDead: (in SegmentRow row) => row.Key[0] == 9);
        await AppendAsync(whole, 1, Row(9, 1), Row(1, 1));
        await AppendAsync(whole, 2, Row(9, 2), Row(2, 2));
        _context.RunAll();

        Assert.Equal(["0/1/02/=02", "0/1/03/=03", "0/1/09/=-"], younger);
        Assert.Equal(["0/1/01/=01", "0/1/02/=02"], await RowsAsync(Assert.Single(whole.InForce)));
    }

    [Fact]
    public async Task Merge_NoRowLeft_LeavesNoSegment()
    {
        SegmentChain chain = Chain(pick: segments => segments.Count == 2 ? (0, 2) : null);
        await AppendAsync(chain, 1, Row(1, 1));
        await AppendAsync(chain, 2, Row(1, null));
        _context.RunAll();

        Assert.Empty(chain.InForce);
        Assert.Empty(_logger.Causes);
    }

    [Fact]
    public async Task Append_WithAndWithoutRowsThatDieOfThemselves_TellsThePickerWhatItMayRelyOn()
    {
        var seen = new List<IReadOnlyList<MergeCandidate>>();
        bool canDie = false;
        var setup = new SegmentChainSetup
        {
            OperatorName = "counts",
            Subtask = 1,
            Store = _store,
            Claim = 7,
            Part = "3.0-1",
            Run = RunAsync,
            Room = new MergeRoom(),
            Logger = _logger,
            Pick = chain =>
            {
                seen.Add(chain);
                return chain.Count == 3 && chain[1].Level == 0 ? (1, 2) : null;
            },
            DeadRows = () => canDie ? static (in SegmentRow row) => false : null,
        };
        var chain = new SegmentChain(setup, [], default);
        await AppendAsync(chain, 1, Large(1));
        await AppendAsync(chain, 2, Large(2));
        await AppendAsync(chain, 3, Row(1, 3));
        _context.RunAll();
        await AppendAsync(chain, 4, Row(1, 4));
        canDie = true;
        await AppendAsync(chain, 5, Row(1, 5));

        Assert.All(seen[0..^1], candidates => Assert.All(candidates, each => Assert.NotNull(each.Sample)));
        Assert.All(seen[^1], each => Assert.Null(each.Sample));
        Assert.Equal([1, 0], seen[^2].Skip(1).Select(each => each.Level));
        Assert.Equal([seen[0][0].Length, seen[^2][2].Length], seen[^2].Skip(1).Select(each => each.LongestCut));
    }

    /// <summary>The picker of production, from the first checkpoint on.</summary>
    [Fact]
    public async Task Chain_OverManyCheckpoints_StaysShort()
    {
        SegmentChain chain = Chain(SegmentMergePicker.Pick);
        for (int i = 1; i <= 300; i++)
        {
            await AppendAsync(chain, i, i == 1 ? Large(1) : Row(i % 100, (byte)i));
            _context.RunAll();
            Assert.InRange(chain.InForce.Count, 1, SegmentMergePicker.MostSegments);
        }

        Assert.Empty(_logger.Causes);
    }

    private static TestRow[] Row(int key, byte? value) => [new TestRow(0, 1, [(byte)key], [], value is { } known ? [known] : null)];

    /// <summary>Rows that do not fit into a manifest.</summary>
    private static TestRow[] Large(byte value) => [.. Enumerable.Range(0, 200).Select(i => new TestRow(0, 1, [(byte)i], [], [.. Enumerable.Repeat(value, 200)]))];

    private static SegmentReference Reference(long sequence, SegmentInfo info) =>
        new() { Length = info.Length, KeyGroups = s_range, Sequence = sequence, Checksum = info.Checksum };

    private static async Task<IReadOnlyList<SegmentReference>> AppendAsync(SegmentChain chain, long sequence, params TestRow[][] rows)
    {
        (byte[] bytes, SegmentInfo info) = await SegmentFixture.WriteAsync(rows.SelectMany(each => each).Order());
        return chain.Append(Reference(sequence, info) with { Inline = bytes }, info);
    }

    private SegmentChain Chain(Func<IReadOnlyList<MergeCandidate>, (int, int)?>? pick = null, IsDeadRow? isDead = null, CancellationToken stopping = default)
    {
        var setup = new SegmentChainSetup
        {
            OperatorName = "counts",
            Subtask = 1,
            Store = _store,
            Claim = 7,
            Part = "3.0-1",
            Run = RunAsync,
            Room = new MergeRoom(),
            Logger = _logger,
            Pick = pick ?? (_ => null),
            DeadRows = () => isDead,
        };
        return new SegmentChain(setup, [], stopping);
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
        _merges.Add(ended.Task);
        return ended.Task;
    }

    private async Task<IEnumerable<string>> RowsAsync(SegmentReference reference)
    {
        SegmentReader reader = await SegmentReader.OpenAsync(StoredSegmentSource.Of(_store, reference), reference.Checksum, default);
        return (await SegmentFixture.ReadAsync(reader, s_range)).Select(row => row.Text);
    }

    private sealed class RecordingLogger : ILogger
    {
        public List<Exception> Causes { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is not null)
            {
                Causes.Add(exception);
            }
        }
    }
}
