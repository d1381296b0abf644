using Microsoft.Extensions.Logging.Abstractions;
using StreamKit.Checkpoints;
using StreamKit.Runtime;
using StreamKit.State;
using StreamKit.Tests.State.Segments;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Checkpoints.Segments;

public class ChainViewTests
{
    private const int SeedsPerTest = 25;
    private static readonly KeyGroupRange s_range = new(0, 7);

    public static TheoryData<int> FirstSeeds => [.. Enumerable.Range(0, 20).Select(i => 1 + (i * SeedsPerTest))];

    /// <summary>Cuts and merges with a store that fails now and then: what reads have passed on to is what a dictionary holds, and in the end that is everything.</summary>
    [Theory]
    [MemberData(nameof(FirstSeeds))]
    public void View_ThroughCutsMergesAndFailures_ReadsWhatTheChainHolds(int firstSeed)
    {
        for (int seed = firstSeed; seed < firstSeed + SeedsPerTest; seed++)
        {
            var job = new Subject(seed, failsNowAndThen: true);
            job.Executor.RunUntilComplete(async () =>
            {
                for (int cut = 1; cut <= 20; cut++)
                {
                    await job.CutAsync(cut, isEmpty: job.Random.Next(5) == 0);
                    await Task.Delay(TimeSpan.FromMilliseconds(job.Random.Next(30)), job.Executor.Time);
                    await job.CompareAsync(seed);
                }

                job.Store.Before = null;
                await job.CutAsync(21, isEmpty: false);
                await Task.Delay(TimeSpan.FromSeconds(1), job.Executor.Time);
                Assert.Equal(21, job.Passed[^1]);
                Assert.Equal(job.Chain.InForce.Count, job.Tier.View.Count);
                await job.CompareAsync(seed);
                await job.DisposeAsync();
            });

            Assert.Equal(job.Passed.Order().Distinct(), job.Passed);
        }
    }

    [Fact]
    public void Publish_SegmentCannotBeMounted_KeepsTheViewUntilTheNextCut()
    {
        var job = new Subject(1, failsNowAndThen: false);
        job.Executor.RunUntilComplete(async () =>
        {
            await job.CutAsync(1, isEmpty: false);
            await Task.Delay(TimeSpan.FromSeconds(1), job.Executor.Time);
            IReadOnlyList<MountedSegment> before = job.Tier.View;
            job.FailsMounts = true;
            await job.CutAsync(2, isEmpty: false);
            await Task.Delay(TimeSpan.FromSeconds(1), job.Executor.Time);
            Assert.Same(before, job.Tier.View);
            Assert.Equal([1], job.Passed);
            await job.CompareAsync(1);
            job.FailsMounts = false;

            await job.CutAsync(3, isEmpty: true);
            await Task.Delay(TimeSpan.FromSeconds(1), job.Executor.Time);

            Assert.Equal(2, job.Tier.View.Count);
            Assert.Same(before[0], job.Tier.View[0]);
            Assert.Equal([1, 3], job.Passed);
            await job.DisposeAsync();
        });
    }

    [Fact]
    public void Read_OfASegmentThatIsGoneBeforeTheViewFollowed_GoesOnWithTheChain()
    {
        var job = new Subject(1, failsNowAndThen: false, isLarge: true);
        job.Executor.RunUntilComplete(async () =>
        {
            await job.CutAsync(1, isEmpty: false);
            await Task.Delay(TimeSpan.FromSeconds(1), job.Executor.Time);
            job.FailsMounts = true;
            string[] merged = [.. job.Store.Names];
            for (int cut = 2; job.Chain.InForce.Any(each => merged.Contains(each.ObjectName)); cut++)
            {
                await job.CutAsync(cut, isEmpty: false);
                await Task.Delay(TimeSpan.FromSeconds(1), job.Executor.Time);
            }

            await job.Store.DeleteAsync(merged, default);
            job.FailsMounts = false;
            await job.CompareAsync(1, job.Chain.InForce[^1].Sequence);

            await job.DisposeAsync();
        });
    }

    /// <summary>A chain with a view, and what it must hold after each cut.</summary>
    private sealed class Subject : IAsyncDisposable
    {
        private readonly List<(long Cut, StateHistory History)> _histories = [];
        private readonly List<(long Cut, List<TestRow> Rows)> _cuts = [];
        private readonly BlockCache _cache;
        private readonly CancellationTokenSource _stopping = new();
        private readonly bool _isLarge;
        private bool _isComparing;

        public Subject(int seed, bool failsNowAndThen, bool isLarge = false)
        {
            _isLarge = isLarge;
            Random = new Random(seed);
            Executor = new SimulatedExecutor((ulong)seed, DateTimeOffset.UnixEpoch);
            Tier = new HomeTier(Executor.Run, parallelism: 2);
            _cache = new BlockCache(Random.Next(2) * 3000);
            _histories.Add((0, new StateHistory()));
            Store.Before = async (call, _) =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Next(1, 20)), Executor.Time);
                if (failsNowAndThen && !_isComparing && call == StoreCall.OpenRead && Random.Next(4) == 0)
                {
                    throw new StreamKitException("The store is away.");
                }
            };
            Func<SegmentReference, CancellationToken, ValueTask<MountedSegment>> mount = ChainViewSetup.MountFrom(Store, _cache);
            var view = new ChainView(
                new ChainViewSetup
                {
                    OperatorName = "counts",
                    Subtask = 1,
                    Tier = Tier,
                    Mount = (reference, cancellation) => FailsMounts ? throw new StreamKitException("The store is away.") : mount(reference, cancellation),
                    Run = Executor.Run,
                    OnPassed = Passed.Add,
                    Logger = NullLogger.Instance,
                    Stopping = _stopping.Token,
                },
                []);
            Chain = new SegmentChain(
                new SegmentChainSetup
                {
                    OperatorName = "counts",
                    Subtask = 1,
                    Store = Store,
                    Claim = 7,
                    Part = "3.0-1",
                    Run = Executor.Run,
                    Room = new MergeRoom(),
                    Logger = NullLogger.Instance,
                    View = view,
                    Pick = chain => chain.Count >= 3 ? (0, Random.Next(2, chain.Count + 1)) : null,
                },
                [],
                _stopping.Token);
        }

        public Random Random { get; }

        public SimulatedExecutor Executor { get; }

        public InMemoryCheckpointStore Store { get; } = new();

        public HomeTier Tier { get; }

        public SegmentChain Chain { get; }

        public List<long> Passed { get; } = [];

        public bool FailsMounts { get; set; }

        public async Task CutAsync(long cut, bool isEmpty)
        {
            List<TestRow> rows = isEmpty ? [] : [new TestRow(0, 0, [0], [], _isLarge ? new byte[20_000] : [(byte)cut]), .. StateHistory.RandomSegment(Random, 15, keyGroups: 3).Where(row => row.CompareTo(new TestRow(0, 0, [0], [], [])) > 0)];
            _cuts.Add((cut, rows));
            var history = new StateHistory();
            foreach ((_, List<TestRow> each) in _cuts)
            {
                history.Apply(each, s_range);
            }

            _histories.Add((cut, history));
            if (isEmpty)
            {
                Chain.Pass(cut);
                return;
            }

            (byte[] bytes, SegmentInfo info) = await SegmentFixture.WriteAsync(rows, Random.Next(1, 100));
            var reference = new SegmentReference { Inline = bytes, Length = info.Length, KeyGroups = s_range, Sequence = cut, Checksum = info.Checksum };
            if (_isLarge || Random.Next(2) == 0)
            {
                string name = StoredNames.Data(7, cut, "3.0-1");
                await Store.PutAsync(name, System.IO.Pipelines.PipeReader.Create(new MemoryStream(bytes)), default);
                reference = reference with { Inline = default, ObjectName = name };
            }

            Chain.Append(reference, info);
        }

        /// <summary>Reads all keys: they are as of the cut that reads have passed on to, or a later one while a swap is under way.</summary>
        public async Task CompareAsync(int seed, long? expected = null)
        {
            long least = expected ?? Passed.LastOrDefault();
            var batch = new HomeReadBatch([0, 1]);
            for (int key = 0; key < 6; key++)
            {
                batch.Add(key / 2, [(byte)(key % 2)]);
            }

            _isComparing = true;
            await Tier.ReadAsync(batch, default);
            _isComparing = false;

            string read = TextOf(batch);
            string[] allowed = [.. _histories.Where(each => each.Cut >= least).Select(each => string.Join('\n', each.History.Text))];
            Assert.True(allowed.Contains(read), $"seed {seed}: as of cut {least} or later\n{allowed[0]}\nwas expected, not\n{read}");
        }

        public async ValueTask DisposeAsync()
        {
            _stopping.Cancel();
            await Chain.DisposeAsync();
            _stopping.Dispose();
        }

        private static string TextOf(HomeReadBatch batch)
        {
            var rows = new List<TestRow>();
            for (int key = 0; key < batch.Count; key++)
            {
                foreach (HomeRow row in batch.Rows(key))
                {
                    rows.Add(new TestRow(batch.KeyGroup(key), row.StateId, batch.Key(key).ToArray(), row.SubKey.ToArray(), row.Value.ToArray()));
                }
            }

            return string.Join('\n', rows.Order().Select(row => row.Text));
        }
    }
}
