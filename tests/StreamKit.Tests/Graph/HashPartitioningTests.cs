using StreamKit.Elements;
using StreamKit.Graph;
using StreamKit.Operators;

namespace StreamKit.Tests.Graph;

public class HashPartitioningTests
{
    [Fact]
    public void Partition_SelectorThrows_NamesTheRecordAndTheCause()
    {
        StreamKitException e = Assert.Throws<StreamKitException>(() => Partition(static record => record.ToString()));

        Assert.Contains("Behind operator 'orders' no key could be taken of record 2: no key for 2", e.Message, StringComparison.Ordinal);
        Assert.IsType<FormatException>(e.InnerException);
    }

    [Fact]
    public void Partition_SelectorAndDescriptionThrow_NamesBothFailures()
    {
        StreamKitException e = Assert.Throws<StreamKitException>(() => Partition(static _ => throw new InvalidOperationException("no text")));

        Assert.Contains("no key for 2", e.Message, StringComparison.Ordinal);
        Assert.Contains("(its description failed: no text)", e.Message, StringComparison.Ordinal);
        Assert.IsType<FormatException>(e.InnerException);
    }

    private static void Partition(Func<object, string?> describe)
    {
        var partitioning = new HashPartitioning<int, int>(KeySelector<int, int>.Of(static value => value == 2 ? throw new FormatException("no key for 2") : value));
        Partitioner<int> partitioner = partitioning.CreatePartitioner(new PartitionerContext("orders", 0, 2, 128, new SerializerRegistry(), describe));
        Batch<int> batch = BatchPool<int>.Rent();
        for (int i = 0; i < 4; i++)
            batch.Values[batch.Count++] = i;
        partitioner.Partition(batch, new int[4]);
    }
}
