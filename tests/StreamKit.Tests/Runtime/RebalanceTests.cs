using StreamKit.Elements;
using StreamKit.Graph;
using StreamKit.Runtime;
using StreamKit.Serialization;

namespace StreamKit.Tests.Runtime;

public class RebalanceTests
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 2)]
    [InlineData(5, 3)]
    [InlineData(512, 3)]
    public void Rebalance_OfBatchesOfAnySize_GivesEveryTargetItsShare(int batchSize, int targets)
    {
        const int Batches = 60;
        var (writer, channels) = Create(targets);

        var received = new List<long>[targets];
        for (var target = 0; target < targets; target++)
            received[target] = [];
        for (var i = 0; i < Batches; i++)
        {
            writer.Receive(Numbers(i * batchSize, batchSize, withTimestamps: false));
            Take(channels, received);
        }

        writer.Flush();
        Take(channels, received);

        Assert.Equal(Enumerable.Range(0, Batches * batchSize).Select(x => (long)x), received.SelectMany(x => x).Order());
        foreach (var share in received)
            Assert.InRange(share.Count, (Batches * batchSize / targets) - targets, (Batches * batchSize / targets) + targets);
    }

    [Fact]
    public void Rebalance_OfBatchesWithAndWithoutTimestamps_KeepsThemAtTheirRecords()
    {
        var (writer, channels) = Create(targets: 2);

        writer.Receive(Numbers(0, 10, withTimestamps: false));
        writer.Receive(Numbers(10, 10, withTimestamps: true));
        writer.Receive(Numbers(20, 10, withTimestamps: false));
        writer.Flush();

        foreach (var channel in channels)
        {
            Assert.True(channel.TryRead(out var batch));
            Assert.Equal(15, batch.Count);
            for (var i = 0; i < batch.Count; i++)
                Assert.Equal(batch.Values[i] is >= 10 and < 20 ? batch.Values[i] + 1000 : EventTime.None, batch.TimestampAt(i));
        }
    }

    private static (ExchangeWriter<long> Writer, InputChannel<long>[] Channels) Create(int targets)
    {
        InputChannel<long>[] channels = [.. Enumerable.Range(0, targets).Select(_ => new InputChannel<long>(() => { }, () => { }))];
        var partitioner = new RebalancePartitioning<long>().CreatePartitioner(new PartitionerContext("test", 0, targets, 128, new SerializerRegistry(), static record => record.ToString()));
        return (new ExchangeWriter<long>(channels, partitioner), channels);
    }

    private static Batch<long> Numbers(long from, int count, bool withTimestamps)
    {
        var batch = BatchPool<long>.Rent();
        batch.Count = count;
        batch.HasTimestamps = withTimestamps;
        for (var i = 0; i < count; i++)
        {
            batch.Values[i] = from + i;
            if (withTimestamps)
                batch.Timestamps[i] = from + i + 1000;
        }

        return batch;
    }

    private static void Take(InputChannel<long>[] channels, List<long>[] received)
    {
        for (var target = 0; target < channels.Length; target++)
        {
            while (channels[target].TryRead(out var batch))
                received[target].AddRange(batch.Span);
        }
    }
}
