using Microsoft.Extensions.Logging.Abstractions;
using StreamKit.Checkpoints;
using StreamKit.Serialization;
using StreamKit.State;
using StreamKit.Tests.State.Segments;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Checkpoints.Segments;

/// <summary>
/// The keyed operator of a job, as far as its segments go: takes checkpoints, fails them, merges beside them in random order, and restarts with
/// another parallelism. A <see cref="StateHistory"/> says what has to come out.
/// </summary>
internal sealed class ChainedJob(Random random)
{
    private const int KeyGroupCount = 8;
    private const string Name = "counts";

    private static readonly KeyGroupRange s_all = new(0, KeyGroupCount - 1);
    private static readonly TypeSchema s_key = TypeSchema.Scalar("int64");

    private readonly InMemoryCheckpointStore _store = new();
    private readonly ManualContext _context = new();
    private readonly MergeRoom _room = new(bytes: 1_000);
    private readonly List<SegmentChain> _chains = [];

    // All segments of the checkpoint restored from, and all since, in the order of the cuts: what is true.
    private List<(List<TestRow> Rows, KeyGroupRange Range)> _cuts = [];
    private List<(List<TestRow> Rows, KeyGroupRange Range)> _committedCuts = [];
    private OperatorManifest _committed = new() { Name = Name, Parallelism = 1, Key = s_key, Subtasks = [new SubtaskManifest(0, 0, Empty)] };
    private long _claim;
    private long _barrier;

    public int Merges { get; private set; }

    private static IReadOnlyDictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>> Empty { get; } = new Dictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>>();

    /// <summary>Goes back to the last committed checkpoint.</summary>
    public async Task RestartAsync(int parallelism)
    {
        foreach (SegmentChain chain in _chains)
        {
            Task disposed = chain.DisposeAsync().AsTask();
            _context.RunAll();
            await disposed;
        }

        _claim++;
        _barrier = 0;
        _chains.Clear();
        _cuts = [.. _committedCuts];
        var manifest = new CheckpointManifest { Job = new JobIdentity("job", default, KeyGroupCount), Number = 1, Claim = 1, Timestamp = 0, Operators = [_committed], Transactions = [] };
        RestorePlan plan = RestorePlanner.Plan(manifest, [new PlannedOperator { Name = Name, Parallelism = parallelism, Key = s_key }], KeyGroupCount, []);
        for (int i = 0; i < parallelism; i++)
        {
            var restored = new List<ChainedSegment>();
            foreach (SegmentReference reference in plan.For(Name, i)!.Segments)
            {
                SegmentReader reader = await SegmentReader.OpenAsync(StoredSegmentSource.Of(_store, reference), reference.Checksum, default);
                restored.Add(new ChainedSegment(reference, reader.Info));
            }

            _chains.Add(new SegmentChain(Setup(i), restored, default));
        }
    }

    /// <summary>All subtasks cut and store their segments; then the checkpoint is committed, or fails.</summary>
    public async Task CheckpointAsync(bool fails)
    {
        _barrier++;
        var parts = new List<SegmentReference>();
        for (int i = 0; i < _chains.Count; i++)
        {
            KeyGroupRange range = KeyGroups.RangeOf(i, _chains.Count, KeyGroupCount);
            List<TestRow> rows = [.. StateHistory.RandomSegment(random, random.Next(0, 12), KeyGroupCount).Where(row => range.Contains(row.KeyGroup))];
            if (rows.Count == 0)
            {
                parts.AddRange(_chains[i].InForce);
                continue;
            }

            (byte[] bytes, SegmentInfo info) = await SegmentFixture.WriteAsync(rows, random.Next(1, 100));
            var reference = new SegmentReference { Inline = bytes, Length = bytes.Length, KeyGroups = range, Checksum = info.Checksum, Sequence = (_claim << 32) | _barrier };
            parts.AddRange(_chains[i].Append(reference, info));
            _cuts.Add((rows, range));
        }

        if (fails)
        {
            return;
        }

        _committedCuts = [.. _cuts];
        _committed = _committed with
        {
            Parallelism = _chains.Count,
            Segments = parts,
            Subtasks = [.. _chains.Select((_, i) => new SubtaskManifest(i, 0, Empty))],
        };
    }

    /// <summary>Lets what merges go on.</summary>
    public void RunMerges() => _context.RunAll();

    /// <summary>What the segments in force add up to, and what they should.</summary>
    public async Task<(string Expected, string Actual)> CompareAsync()
    {
        var history = new StateHistory();
        foreach ((List<TestRow> rows, KeyGroupRange range) in _cuts)
        {
            history.Apply(rows, range);
        }

        var found = new List<TestRow>();
        foreach (SegmentChain chain in _chains)
        {
            var segments = new List<(SegmentReader, KeyGroupRange)>();
            foreach (SegmentReference reference in chain.InForce)
            {
                segments.Add((await SegmentReader.OpenAsync(StoredSegmentSource.Of(_store, reference), reference.Checksum, default), reference.KeyGroups));
            }

            using var merge = new SegmentMerge(segments, keepsTombstones: false);
            while (await merge.MoveNextAsync(default))
            {
                found.Add(SegmentFixture.ToTestRow(merge.Current));
            }
        }

        return (string.Join('\n', history.Text), string.Join('\n', found.Order().Select(row => row.Text)));
    }

    private SegmentChainSetup Setup(int subtask) => new()
    {
        OperatorName = Name,
        Subtask = subtask,
        Store = _store,
        Claim = _claim,
        Part = $"0.0-{subtask}",
        Run = RunAsync,
        Room = _room,
        Logger = NullLogger.Instance,
        Pick = PickAny,
    };

    private (int First, int Count)? PickAny(IReadOnlyList<MergeCandidate> chain)
    {
        if (chain.Count < 2 || random.Next(3) == 0)
        {
            return null;
        }

        Merges++;
        int first = random.Next(chain.Count - 1);
        return (first, random.Next(2, chain.Count - first + 1));
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
