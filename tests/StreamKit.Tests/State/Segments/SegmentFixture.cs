using System.IO.Pipelines;
using StreamKit.State;

namespace StreamKit.Tests.State.Segments;

/// <summary>A row in a test. A null value is a tombstone.</summary>
internal sealed record TestRow(int KeyGroup, int StateId, byte[] Key, byte[] SubKey, byte[]? Value) : IComparable<TestRow>
{
    public int CompareTo(TestRow? other)
    {
        int order = KeyGroup.CompareTo(other!.KeyGroup);
        order = order == 0 ? StateId.CompareTo(other.StateId) : order;
        order = order == 0 ? Key.AsSpan().SequenceCompareTo(other.Key) : order;
        return order == 0 ? SubKey.AsSpan().SequenceCompareTo(other.SubKey) : order;
    }

    public string Text => $"{KeyGroup}/{StateId}/{Convert.ToHexString(Key)}/{Convert.ToHexString(SubKey)}={(Value is null ? "-" : Convert.ToHexString(Value))}";
}

/// <summary>Writes and reads segments in memory.</summary>
internal static class SegmentFixture
{
    public const ulong Fingerprint = 0x0123_4567_89AB_CDEF;

    public static KeyGroupRange AllKeyGroups { get; } = new(0, KeyGroups.LargestMaxParallelism - 1);

    public static async Task<(byte[] Bytes, SegmentInfo Info)> WriteAsync(IEnumerable<TestRow> rows, int targetBlockLength = SegmentFormat.TargetBlockLength)
    {
        var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        Task<byte[]> reading = ReadAllAsync(pipe.Reader);
        SegmentInfo info;
        using (var writer = new SegmentWriter(pipe.Writer, Fingerprint, targetBlockLength))
        {
            foreach (TestRow row in rows)
            {
                if (row.Value is null)
                {
                    writer.AddTombstone(row.KeyGroup, row.StateId, row.Key, row.SubKey);
                }
                else
                {
                    writer.Add(row.KeyGroup, row.StateId, row.Key, row.SubKey, row.Value);
                }

                await writer.FlushIfNeededAsync(default);
            }

            info = await writer.CompleteAsync(default);
        }

        await pipe.Writer.CompleteAsync();
        return (await reading, info);
    }

    public static ValueTask<SegmentReader> OpenAsync(byte[] bytes, uint? checksum = null) =>
        SegmentReader.OpenAsync(new MemorySegmentSource("segment", bytes), checksum, default);

    public static async Task<SegmentReader> WriteAndOpenAsync(IEnumerable<TestRow> rows, int targetBlockLength = SegmentFormat.TargetBlockLength) =>
        await OpenAsync((await WriteAsync(rows, targetBlockLength)).Bytes);

    public static async Task<List<TestRow>> ReadAsync(SegmentReader segment, KeyGroupRange range)
    {
        var rows = new List<TestRow>();
        Range blocks = segment.BlocksOf(range);
        for (int i = blocks.Start.Value; i < blocks.End.Value; i++)
        {
            using SegmentBlock block = await segment.ReadBlockAsync(i, default);
            foreach (SegmentRow row in block.Rows(range))
            {
                rows.Add(ToTestRow(row));
            }
        }

        return rows;
    }

    public static TestRow ToTestRow(SegmentRow row) =>
        new(row.KeyGroup, row.StateId, row.Key.ToArray(), row.SubKey.ToArray(), row.IsTombstone ? null : row.Value.ToArray());

    /// <summary>Random rows in order, with few enough different keys that sub-keys share them and ranges are full.</summary>
    public static List<TestRow> RandomRows(Random random, int count, int keyGroups = 16, int maxValue = 40)
    {
        var rows = new SortedSet<TestRow>();
        for (int i = 0; i < count; i++)
        {
            byte[] key = new byte[random.Next(0, 4)];
            random.NextBytes(key);
            byte[] subKey = new byte[random.Next(3) == 0 ? random.Next(0, 3) : 0];
            random.NextBytes(subKey);
            byte[]? value = random.Next(5) == 0 ? null : new byte[random.Next(0, maxValue)];
            if (value is not null)
            {
                random.NextBytes(value);
            }

            rows.Add(new TestRow(random.Next(keyGroups), random.Next(3), key, subKey, value));
        }

        return [.. rows];
    }

    private static async Task<byte[]> ReadAllAsync(PipeReader reader)
    {
        using var bytes = new MemoryStream();
        await reader.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
