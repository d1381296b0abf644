using Microsoft.Extensions.Logging.Abstractions;
using StreamKit.Checkpoints;
using StreamKit.State;
using StreamKit.Tests.State.Segments;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Checkpoints.Segments;

/// <summary>A runner as the store sees it: a log, segments large and small in chains, packs, merges.</summary>
internal sealed class ChainedRunner
{
    public const int Retained = 3;
    private const int Parallelism = 3;
    private const int KeyGroupCount = 12;

    private readonly ManualContext _context = new();
    private readonly MergeRoom _room = new(bytes: 30_000);
    private readonly SegmentPacking _packing = new();
    private readonly List<SegmentChain> _chains = [];
    private readonly InMemoryCheckpointStore _store;
    private readonly Random _random;
    private readonly CheckpointLog _log;
    private long _barrier;

    private ChainedRunner(InMemoryCheckpointStore store, Random random, CheckpointLog log)
    {
        _store = store;
        _random = random;
        _log = log;
    }

    public static async Task<ChainedRunner> ClaimAsync(InMemoryCheckpointStore store, Random random, Func<Guid> identities)
    {
        CheckpointLog log = await CheckpointLog.ClaimAsync(
            store, "job", KeyGroupCount, Retained, new RunnerClaims(), identities, new ManualTimeProvider(), NullLogger.Instance, default);
        var runner = new ChainedRunner(store, random, log);
        for (int i = 0; i < Parallelism; i++)
        {
            KeyGroupRange range = KeyGroups.RangeOf(i, Parallelism, KeyGroupCount);
            var restored = new List<ChainedSegment>();
            foreach (SegmentReference reference in log.Base?.Operators[0].Segments.Where(each => !each.KeyGroups.Intersect(range).IsEmpty) ?? [])
            {
                SegmentReader reader = await SegmentReader.OpenAsync(StoredSegmentSource.Of(store, reference), reference.Checksum, default);
                restored.Add(new ChainedSegment(reference, reader.Info));
            }

            runner._chains.Add(new SegmentChain(runner.Setup(i), restored, default));
        }

        return runner;
    }

    public void RunMerges() => _context.RunAll();

    public IEnumerable<SegmentReference> SegmentsInForce() => _chains.SelectMany(each => each.InForce);

    /// <summary>What must be there: the files of all checkpoints kept, of the one started from, and of what the next checkpoint will name.</summary>
    public IReadOnlySet<string> FilesInForce()
    {
        var files = SegmentsInForce().Select(each => each.ObjectName).OfType<string>().ToHashSet();
        foreach (long number in _log.Retention.Retained)
        {
            string name = StoredNames.LogEntry(number);
            files.UnionWith(LogEntryFormat.Decode(name, _store.Content(name)).Manifest!.ObjectNames);
        }

        return files;
    }

    public async Task CheckpointAsync(bool changes, bool fails)
    {
        _barrier++;
        var segments = new List<SegmentReference>();
        for (int i = 0; i < Parallelism; i++)
        {
            segments.AddRange(changes && _random.Next(4) > 0 ? await AppendAsync(i) : _chains[i].InForce);
        }

        if (fails)
        {
            return;
        }

        var manifest = new OperatorManifest { Name = "count", Parallelism = Parallelism, Segments = segments, Subtasks = [] };
        IReadOnlyList<OperatorManifest> packed = await _packing.PackAsync([manifest], _store, StoredNames.Data(_log.Claim, _barrier, "pack"), default);
        await _log.AppendAsync(new CheckpointContent(packed, [], Finished: false), default);
        await _log.Retention.CleanAsync(default);
    }

    /// <summary>A segment of a few kilobytes, or one that is too large for a manifest.</summary>
    private async Task<IReadOnlyList<SegmentReference>> AppendAsync(int subtask)
    {
        KeyGroupRange range = KeyGroups.RangeOf(subtask, Parallelism, KeyGroupCount);
        int length = _random.Next(4) == 0 ? 20_000 : 6_000;
        TestRow row = new(range.First, 1, [(byte)_random.Next(20)], [], new byte[length]);
        (byte[] bytes, SegmentInfo info) = await SegmentFixture.WriteAsync([row]);
        var reference = new SegmentReference { Inline = bytes, Length = bytes.Length, KeyGroups = range, Sequence = (_log.Claim << 32) | _barrier, Checksum = info.Checksum };
        if (bytes.Length > SegmentPacking.MaxInlineLength)
        {
            string name = StoredNames.Data(_log.Claim, _barrier, $"0.0-{subtask}");
            await _store.PutAsync(name, System.IO.Pipelines.PipeReader.Create(new MemoryStream(bytes)), default);
            reference = reference with { Inline = default, ObjectName = name };
        }

        return _chains[subtask].Append(reference, info);
    }

    private SegmentChainSetup Setup(int subtask) => new()
    {
        OperatorName = "count",
        Subtask = subtask,
        Store = _store,
        Claim = _log.Claim,
        Part = $"0.0-{subtask}",
        Run = work =>
        {
            _context.Post(async _ => await work(), null);
            return Task.CompletedTask;
        },
        Room = _room,
        Logger = NullLogger.Instance,
        Pick = chain => chain.Count >= 2 && _random.Next(4) == 0 ? PickAny(chain.Count) : SegmentMergePicker.Pick(chain),
    };

    private (int First, int Count) PickAny(int count)
    {
        int first = _random.Next(count - 1);
        return (first, _random.Next(2, count - first + 1));
    }
}
