using StreamKit.Checkpoints;
using StreamKit.State;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Checkpoints;

public class SegmentPackingTests
{
    private const int Length = 10_000;

    private readonly InMemoryCheckpointStore _store = new();
    private readonly SegmentPacking _packing = new();
    private int _checkpoint;

    [Fact]
    public async Task Pack_SegmentsOfEarlierCheckpoints_AreFoundInTheirPack()
    {
        SegmentReference[] old = [.. Enumerable.Range(1, 7).Select(i => Segment(i))];
        await PackAsync(old);

        IReadOnlyList<SegmentReference> next = await PackAsync([.. old, Segment(8)]);

        Assert.Equal(["data/pack1"], _store.Names);
        Assert.All(next.Take(7), (each, i) => Assert.Equal(old[i].Inline.ToArray(), _store.Content(each.ObjectName!)[(int)each.Offset..(int)(each.Offset + each.Length)]));
        Assert.Null(next[7].ObjectName);
        Assert.Equal(Length, next[7].Inline.Length);
    }

    [Fact]
    public async Task Pack_ReferenceWithAnotherClip_KeepsItsClip()
    {
        SegmentReference[] old = [.. Enumerable.Range(1, 7).Select(i => Segment(i))];
        await PackAsync(old);

        IReadOnlyList<SegmentReference> next = await PackAsync([.. old.Select(each => each with { KeyGroups = new KeyGroupRange(0, 3) })]);

        Assert.All(next, each => Assert.Equal(("data/pack1", new KeyGroupRange(0, 3)), (each.ObjectName, each.KeyGroups)));
    }

    /// <summary>A merge's result is as old as the newest of its inputs, and may be as long.</summary>
    [Fact]
    public async Task Pack_OtherSegmentOfTheSameAgeAndKeyGroups_IsNotTakenForThePackedOne()
    {
        SegmentReference[] old = [.. Enumerable.Range(1, 7).Select(i => Segment(i))];
        await PackAsync(old);
        SegmentReference merged = Segment(7);

        IReadOnlyList<SegmentReference> next = await PackAsync([.. old[..6], merged]);

        Assert.Equal(merged, next[6]);
    }

    [Fact]
    public async Task Pack_OfWhichLittleIsInForce_IsGivenUp()
    {
        SegmentReference[] old = [.. Enumerable.Range(1, 8).Select(i => Segment(i))];
        await PackAsync(old);

        IReadOnlyList<SegmentReference> half = await PackAsync(old[..4]);
        IReadOnlyList<SegmentReference> less = await PackAsync(old[..3]);
        IReadOnlyList<SegmentReference> again = await PackAsync([.. old[..3], .. Enumerable.Range(10, 5).Select(i => Segment(i))]);

        Assert.All(half, each => Assert.Equal("data/pack1", each.ObjectName));
        Assert.Equal(old[..3], less);
        Assert.All(again, each => Assert.Equal("data/pack4", each.ObjectName));
    }

    [Fact]
    public async Task Pack_UploadFailed_IsDoneAgainByTheNextCheckpoint()
    {
        SegmentReference[] segments = [.. Enumerable.Range(1, 7).Select(i => Segment(i))];
        _store.Before = (call, _) => call == StoreCall.Put ? throw new StreamKitException("The store is away.") : default;
        await Assert.ThrowsAsync<StreamKitException>(() => PackAsync(segments));
        _store.Before = null;

        IReadOnlyList<SegmentReference> next = await PackAsync(segments);

        Assert.All(next, each => Assert.Equal("data/pack2", each.ObjectName));
    }

    private static SegmentReference Segment(long sequence)
    {
        byte[] bytes = new byte[Length];
        new Random((int)sequence).NextBytes(bytes);
        return new SegmentReference { Inline = bytes, Length = Length, KeyGroups = new KeyGroupRange(0, 7), Sequence = sequence, Checksum = 0 };
    }

    private async Task<IReadOnlyList<SegmentReference>> PackAsync(params SegmentReference[] segments)
    {
        var manifest = new OperatorManifest { Name = "count", Parallelism = 1, Segments = segments, Subtasks = [] };
        return (await _packing.PackAsync([manifest], _store, $"data/pack{++_checkpoint}", default))[0].Segments;
    }
}
