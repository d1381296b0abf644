using StreamKit.State;

namespace StreamKit.Tests.State.Segments;

public class SegmentDamageTests
{
    [Fact]
    public async Task Read_AnyByteChanged_IsDetectedAndNamed()
    {
        (byte[] bytes, _) = await SegmentFixture.WriteAsync(SegmentFixture.RandomRows(new Random(7), 30), targetBlockLength: 200);

        for (int position = 0; position < bytes.Length; position++)
        {
            byte[] damaged = (byte[])bytes.Clone();
            damaged[position] ^= (byte)(1 << (position % 8));

            var failure = await Assert.ThrowsAsync<CheckpointDamagedException>(() => ReadEverythingAsync(damaged));

            Assert.Equal("segment", failure.ObjectName);
            Assert.Matches("^(block [0-9]+|index|filters|footer)$", failure.Part);
        }
    }

    [Fact]
    public async Task Read_AnyLengthButItsOwn_IsDetected()
    {
        (byte[] bytes, _) = await SegmentFixture.WriteAsync(SegmentFixture.RandomRows(new Random(7), 30), targetBlockLength: 200);

        for (int length = 0; length < bytes.Length; length++)
        {
            await Assert.ThrowsAsync<CheckpointDamagedException>(() => ReadEverythingAsync(bytes[..length]));
            await Assert.ThrowsAsync<CheckpointDamagedException>(() => ReadEverythingAsync(bytes[^length..]));
        }

        await Assert.ThrowsAsync<CheckpointDamagedException>(() => ReadEverythingAsync([.. bytes, 0]));
        await Assert.ThrowsAsync<CheckpointDamagedException>(() => ReadEverythingAsync([0, .. bytes]));
    }

    [Fact]
    public async Task Read_HostileBytesWithRightChecksums_GiveAnErrorWithoutLargeAllocations()
    {
        const int seed = 11;
        var random = new Random(seed);
        (byte[] bytes, _) = await SegmentFixture.WriteAsync(SegmentFixture.RandomRows(random, 40), targetBlockLength: 200);
        int refused = 0;

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 2000; round++)
        {
            byte[] hostile = (byte[])bytes.Clone();
            Forge(hostile, random);
            try
            {
                // Runs to its end on this thread: the source is memory.
                Task reading = ReadEverythingAsync(hostile);
                Assert.True(reading.IsCompleted);
                await reading;
            }
            catch (StreamKitException)
            {
                refused++;
            }
        }

        long perRound = (GC.GetAllocatedBytesForCurrentThread() - before) / 2000;
        Assert.True(refused > 600, $"Only {refused} of 2000 forged segments were refused (seed {seed}).");
        Assert.True(perRound < 100_000, $"{perRound} bytes were allocated per forged segment (seed {seed}).");
    }

    /// <summary>Changes a few bytes of footer, index or blocks, and makes the checksums of footer and index right again.</summary>
    private static void Forge(byte[] bytes, Random random)
    {
        Span<byte> footer = bytes.AsSpan(bytes.Length - SegmentFooter.Size);
        int indexOffset = (int)BitConverter.ToInt64(footer[52..]);
        int target = random.Next(2);
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            if (target == 0)
            {
                footer[random.Next(9, SegmentFooter.Size - 4)] = (byte)random.Next(256);
            }
            else
            {
                bytes[random.Next(indexOffset, bytes.Length - SegmentFooter.Size)] = (byte)random.Next(256);
            }
        }

        if (target == 1)
        {
            uint index = SegmentFormat.Crc32C(bytes.AsSpan(indexOffset, bytes.Length - SegmentFooter.Size - indexOffset));
            BitConverter.TryWriteBytes(footer[68..], index);
        }

        BitConverter.TryWriteBytes(footer[(SegmentFooter.Size - 4)..], SegmentFormat.Crc32C(footer[..(SegmentFooter.Size - 4)]));
    }

    private static async Task ReadEverythingAsync(byte[] bytes)
    {
        SegmentReader segment = await SegmentFixture.OpenAsync(bytes);
        await segment.LoadFiltersAsync(default);
        for (int i = 0; i < segment.Blocks; i++)
        {
            using SegmentBlock block = await segment.ReadBlockAsync(i, default);
            foreach (SegmentRow row in block.Rows(SegmentFixture.AllKeyGroups))
            {
                Assert.True(row.KeyGroup >= 0);
            }
        }
    }
}
