using System.Buffers.Binary;
using System.IO.Pipelines;
using StreamKit.State;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.State;

/// <summary>Spilled rows in many files: they are merged beside the work, and a cut gets the newest of each key whatever a merge is doing.</summary>
public sealed class SpillTests : IDisposable
{
    private const int Keys = 200;
    private static readonly KeyGroupRange _all = new(0, 15);

    private readonly TemporaryFolder _folder = new();
    private readonly SpillFiles _files;
    private readonly Queue<Func<Task>> _work = new();
    private Func<Func<Task>, Task> _run = static work => work();

    public SpillTests() => _files = new SpillFiles(_folder.Path, "test", 7);

    [Fact]
    public async Task WriteIfFull_ManyTimes_KeepsFilesFewAndTheNewestRows()
    {
        await using Spill spill = Create();
        int most = 0;
        for (int turn = 0; turn < 2_000; turn++)
        {
            Write(spill, turn % Keys, turn);
            most = Math.Max(most, spill.Files);
        }

        using SpilledRows rows = spill.Take();

        Assert.InRange(most, SpillTiers.RunsPerMerge, SpillTiers.MostRuns + 1);
        Assert.InRange(_files.Bytes, 1, 200_000);
        Assert.Equal(Enumerable.Range(2_000 - Keys, Keys).Order(), (await ReadAsync(rows)).Order());
    }

    [Fact]
    public async Task Take_WhileAMergeIsUnderWay_HandsOutEverythingAndDropsTheMerge()
    {
        _run = Later;
        await using Spill spill = Create();
        for (int turn = 0; turn < 40; turn++)
            Write(spill, turn, turn);
        Assert.Single(_work);

        SpilledRows rows = spill.Take();
        Write(spill, 0, 1_000);
        Assert.Equal(40, (await ReadAsync(rows)).Count);
        rows.Dispose();
        long before = _files.Bytes;
        await _work.Dequeue()();

        Assert.Equal(before, _files.Bytes);
        Write(spill, 1, 1_001);
        using SpilledRows next = spill.Take();
        Assert.Equal([1_000, 1_001], await ReadAsync(next));
    }

    [Fact]
    public async Task TakeBack_DuringAMerge_KeepsTheOrderOfAge()
    {
        _run = Later;
        await using Spill spill = Create();
        Write(spill, 1, 1);
        Write(spill, 2, 2);
        SpilledRows failed = spill.Take();
        for (int turn = 3; turn < 30; turn++)
            Write(spill, 1, turn);
        spill.TakeBack(failed);
        await _work.Dequeue()();
        Write(spill, 3, 3);

        using SpilledRows rows = spill.Take();

        Assert.InRange(rows.Runs.Count, 1, 20);
        Assert.Equal([2, 3, 29], (await ReadAsync(rows)).Order());
    }

    [Fact]
    public async Task Merge_ThatCannotBeWritten_FailsWhereTheOwnerSeesIt()
    {
        _run = Later;
        await using Spill spill = Create();
        for (int turn = 0; turn < SpillTiers.RunsPerMerge; turn++)
            Write(spill, turn, turn);
        Directory.Delete(_folder.Path, recursive: true); // files at hand live on

        await _work.Dequeue()();

        StreamKitException failure = Assert.Throws<StreamKitException>(() => spill.WriteIfFull());
        Assert.Contains("could not be written", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_OfCutsAndSpill_GivesAllBytesBack()
    {
        Spill spill = Create();
        for (int turn = 0; turn < 100; turn++)
            Write(spill, turn, turn);
        SpilledRows rows = spill.Take();
        for (int turn = 0; turn < 100; turn++)
            Write(spill, turn, turn);

        rows.Dispose();
        await spill.DisposeAsync();

        Assert.Equal(0, _files.Bytes);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder.Path))
            _folder.Dispose();
    }

    private Spill Create() => new(_files, _all, bufferBytes: 1, work => _run(work));

    private Task Later(Func<Task> work)
    {
        var done = new TaskCompletionSource();
        _work.Enqueue(async () =>
        {
            await work();
            done.SetResult();
        });
        return done.Task;
    }

    private static void Write(Spill spill, int key, int value)
    {
        byte[] bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, key);
        SpillBuffer buffer = spill.Buffer;
        (buffer.KeyGroup, buffer.StateId, buffer.Key) = (key % 16, 1, bytes);
        buffer.BeginGroup();
        byte[] row = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(row, value);
        buffer.Add(default, row);
        buffer.EndGroup();
        spill.WriteIfFull();
    }

    private static async Task<List<int>> ReadAsync(SpilledRows rows)
    {
        var bytes = new MemoryStream();
        SegmentInfo info = await rows.MergeAsync(PipeWriter.Create(bytes), CancellationToken.None);
        SegmentReader segment = await SegmentReader.OpenAsync(new MemorySegmentSource("segment", bytes.ToArray()), info.Checksum, default);
        using var merge = new SegmentMerge([(segment, _all)], keepsTombstones: true);
        var values = new List<int>();
        while (await merge.MoveNextAsync(default))
            values.Add(BinaryPrimitives.ReadInt32BigEndian(merge.Current.Value));
        return values;
    }
}
