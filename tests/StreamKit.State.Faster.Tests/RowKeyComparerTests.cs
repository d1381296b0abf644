using System.Buffers.Binary;

namespace StreamKit.State.Faster.Tests;

/// <summary>Keys that differ little must not look alike to FASTER: it reads a row from disk to tell such keys apart.</summary>
public class RowKeyComparerTests
{
    private const int Keys = 30_000;

    [Theory]
    [InlineData("big-endian")]
    [InlineData("little-endian")]
    [InlineData("text")]
    public void Read_OfNumberedKeysOnDisk_ReadsHardlyMoreThanTheirRows(string encoding)
    {
        var files = new FaultyFiles();
        using var store = TestStore.Open(files, sizes: TestStore.Deep);
        for (var number = 0; number < Keys; number++)
            store.Upsert(Key(encoding, number), new byte[64]);

        var batch = new RowReadBatch();
        for (var number = 0; number < 1000; number++)
            batch.Add(Key(encoding, number * 10));
        store.Read(batch);

        Assert.All(Enumerable.Range(0, batch.Count), i => Assert.Equal(LocalRowStatus.Found, batch.Status(i)));
        // Some rows straddle two of FASTER's sectors and are read twice.
        Assert.InRange(files.Reads, 500, 1400);
    }

    [Theory]
    [InlineData("big-endian")]
    [InlineData("little-endian")]
    [InlineData("text")]
    public void Read_OfNumberedKeysThatWereNeverWritten_HardlyReads(string encoding)
    {
        var files = new FaultyFiles();
        using var store = TestStore.Open(files, sizes: TestStore.Deep);
        for (var number = 0; number < Keys; number++)
            store.Upsert(Key(encoding, number), new byte[64]);

        var batch = new RowReadBatch();
        for (var number = 0; number < 1000; number++)
            batch.Add(Key(encoding, Keys + number));
        store.Read(batch);

        Assert.All(Enumerable.Range(0, batch.Count), i => Assert.Equal(LocalRowStatus.Absent, batch.Status(i)));
        Assert.InRange(files.Reads, 0, 50);
    }

    private static byte[] Key(string encoding, int number)
    {
        var key = new byte[sizeof(long)];
        switch (encoding)
        {
            case "big-endian":
                BinaryPrimitives.WriteInt64BigEndian(key, number);
                return key;
            case "little-endian":
                BinaryPrimitives.WriteInt64LittleEndian(key, number);
                return key;
            default:
                return TestStore.Bytes($"customer-{number}");
        }
    }
}
