using System.IO.Pipelines;
using StreamKit.Checkpoints;
using StreamKit.State;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Checkpoints;

public class StoredSegmentSourceTests
{
    private readonly InMemoryCheckpointStore _store = new();
    private int _requests;

    [Fact]
    public async Task Read_HereAndThere_AsksForWhatItNeeds()
    {
        byte[] content = await PutAsync(3_000_000);
        SegmentSource source = Source(offset: 0, length: 3_000_000);
        var random = new Random(1);

        for (int i = 0; i < 50; i++)
        {
            int offset = random.Next(0, 2_900_000);

            Assert.Equal(content[offset..(offset + 1000)], await ReadAsync(source, offset, 1000));
        }

        Assert.Equal(50, _requests);
    }

    [Fact]
    public async Task Read_ObjectShorterThanNamed_IsDamage()
    {
        await PutAsync(1000);
        SegmentSource source = Source(offset: 0, length: 2000);

        var failure = await Assert.ThrowsAsync<CheckpointDamagedException>(() => ReadAsync(source, 900, 200));

        Assert.Equal("data/a", failure.ObjectName);
    }

    [Theory]
    [InlineData(-1, 10)]
    [InlineData(1995, 10)]
    [InlineData(3000, 1)]
    public async Task Read_OutsideTheSegment_IsDamageEvenIfTheObjectGoesOn(long offset, int length)
    {
        await PutAsync(5000);
        SegmentSource source = Source(offset: 0, length: 2000);

        await Assert.ThrowsAsync<CheckpointDamagedException>(() => ReadAsync(source, offset, length));
    }

    [Fact]
    public async Task Of_InlineSegment_NeedsNoStore()
    {
        var reference = new SegmentReference { Inline = new byte[] { 1, 2, 3 }, Length = 3, KeyGroups = new KeyGroupRange(0, 1), Sequence = 0, Checksum = 0 };

        byte[] read = await ReadAsync(StoredSegmentSource.Of(_store, reference), 1, 2);

        Assert.Equal([2, 3], read);
    }

    private static async Task<byte[]> ReadAsync(SegmentSource source, long offset, int length)
    {
        byte[] into = new byte[length];
        await source.ReadAsync(offset, into, default);
        return into;
    }

    private SegmentSource Source(long offset, long length) => StoredSegmentSource.Of(
        _store,
        new SegmentReference { ObjectName = "data/a", Offset = offset, Length = length, KeyGroups = new KeyGroupRange(0, 1), Sequence = 0, Checksum = 0 });

    private async Task<byte[]> PutAsync(int length)
    {
        byte[] content = new byte[length];
        new Random(3).NextBytes(content);
        await _store.PutAsync("data/a", PipeReader.Create(new MemoryStream(content)), default);
        _store.After = (_, _) => _requests++;
        return content;
    }
}
