using System.IO.Pipelines;
using StreamKit.Checkpoints;
using StreamKit.Runtime;
using StreamKit.State;
using StreamKit.Tests.State.Segments;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.State.Home;

/// <summary>A random chain of segments, in memory, in objects and in packs, with a dictionary that says what it adds up to. Runs in a simulation.</summary>
internal sealed class HomeChain
{
    /// <summary>The generation of what was merged: its rows are of several.</summary>
    public const int Merged = 99;

    public const int KeyGroups = 3;

    private static readonly KeyGroupRange s_all = SegmentFixture.AllKeyGroups;

    private readonly Random _random;
    private readonly StateHistory _history = new();
    private readonly BlockCache _cache;
    private readonly List<Link> _links = [];
    private int _objects;

    public HomeChain(Random random, int seed)
    {
        _random = random;
        Executor = new SimulatedExecutor((ulong)seed, DateTimeOffset.UnixEpoch);
        _cache = new BlockCache(random.Next(4) switch { 0 => 0, 1 => 600, 2 => 2000, _ => 1_000_000 });
        Tier = new HomeTier(Executor.Run, parallelism: random.Next(1, 5));
        Store.Before = async (call, _) =>
        {
            if (call == StoreCall.OpenRead)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(1, 20)), Executor.Time);
                if (FailsReads && _random.Next(4) == 0)
                {
                    throw new StreamKitException("The store is away.");
                }
            }
        };
    }

    public SimulatedExecutor Executor { get; }

    public InMemoryCheckpointStore Store { get; } = new();

    public HomeTier Tier { get; }

    public bool FailsReads { get; set; }

    /// <summary>Puts a chain of new segments into the tier.</summary>
    public async Task FillAsync()
    {
        for (int i = _random.Next(1, 7); i > 0; i--)
        {
            int generation = _links.Count;
            List<TestRow> rows = [.. StateHistory.RandomSegment(_random, _random.Next(0, 25), KeyGroups).Select(row => row.Value is null ? row : row with { Value = [(byte)generation, .. row.Value] })];
            int first = _random.Next(0, 2);
            KeyGroupRange clip = _random.Next(3) > 0 ? s_all : new KeyGroupRange(first, _random.Next(first - 1, 4));
            _links.Add(await StoreAsync(rows, clip, generation));
            _history.Apply(rows, clip);
        }

        Tier.Swap([.. _links.Select(each => each.Mounted)]);
    }

    /// <summary>Merges some neighbours, and deletes what the result takes the place of.</summary>
    public async Task MergeAsync()
    {
        if (_links.Count < 2)
        {
            return;
        }

        int first = _random.Next(_links.Count - 1);
        List<Link> merged = _links.GetRange(first, _random.Next(2, _links.Count - first + 1));
        var rows = new List<TestRow>();
        using (var merge = new SegmentMerge([.. merged.Select(each => (each.Mounted.Segment.Reader, each.Mounted.KeyGroups))], keepsTombstones: first > 0))
        {
            while (await merge.MoveNextAsync(default))
            {
                rows.Add(SegmentFixture.ToTestRow(merge.Current));
            }
        }

        Link result = await StoreAsync(rows, s_all, Merged);
        _links.RemoveRange(first, merged.Count);
        _links.Insert(first, result);
        Tier.Swap([.. _links.Select(each => each.Mounted)]);
        await Store.DeleteAsync([.. merged.Select(each => each.ObjectName).OfType<string>()], default);
    }

    /// <summary>The rows of a key that a batch must give.</summary>
    public string Expected(int keyGroup, byte[] key, IEnumerable<int> stateIds) =>
        string.Join(' ', stateIds.Distinct().Order().SelectMany(stateId => _history.RowsOf(keyGroup, stateId, key)).Select(row => row.Text));

    /// <summary>The rows that a range must give.</summary>
    public string Expected(int stateId, KeyGroupRange keyGroups) =>
        string.Join(' ', Enumerable.Range(0, KeyGroups).Where(keyGroups.Contains).SelectMany(keyGroup => _history.RowsOf(keyGroup, stateId)).Select(row => row.Text));

    private async Task<Link> StoreAsync(List<TestRow> rows, KeyGroupRange clip, int generation)
    {
        (byte[] bytes, SegmentInfo info) = await SegmentFixture.WriteAsync(rows, _random.Next(1, 100));
        var reference = new SegmentReference { Length = info.Length, KeyGroups = clip, Sequence = _objects++, Checksum = info.Checksum, Inline = bytes };
        if (_random.Next(4) > 0)
        {
            int offset = _random.Next(2) * _random.Next(50);
            string name = StoredNames.Data(1, _objects, "0.0-0");
            byte[] pack = [.. new byte[offset], .. bytes, .. new byte[_random.Next(20)]];
            await Store.PutAsync(name, PipeReader.Create(new MemoryStream(pack)), default);
            reference = reference with { ObjectName = name, Offset = offset, Inline = default };
        }

        bool fails = FailsReads;
        FailsReads = false;
        HomeSegment segment = await HomeSegment.OpenAsync(StoredSegmentSource.Of(Store, reference), reference.Checksum, _cache, default);
        FailsReads = fails;
        return new Link(new MountedSegment(segment, clip, generation), reference.ObjectName);
    }

    private sealed record Link(MountedSegment Mounted, string? ObjectName);
}
