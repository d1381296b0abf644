using BenchmarkDotNet.Attributes;
using StreamKit.Elements;
using StreamKit.Graph;
using StreamKit.Operators;
using StreamKit.Runtime;

namespace StreamKit.Benchmarks;

/// <summary>From one writer through bounded channels to two readers on the same thread: dealing out, handing over and taking, without waking threads.</summary>
[MemoryDiagnoser]
public class ExchangeBenchmarks
{
    private const int Targets = 2;
    private const int Batches = 256;
    private const int BatchSize = 512;

    private InputChannel<long>[] _channels = null!; // made in Setup, as the next one
    private ExchangeWriter<long> _writer = null!;

    [Params("rebalance", "hash")]
    public string Partitioning { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _channels = [.. Enumerable.Range(0, Targets).Select(static _ => new InputChannel<long>(static () => { }, static () => { }))];
        Partitioning<long> partitioning = Partitioning == "hash" ? new HashPartitioning<long, long>(KeySelector<long, long>.Of(static x => x)) : new RebalancePartitioning<long>();
        _writer = new ExchangeWriter<long>(_channels, partitioning.CreatePartitioner(new PartitionerContext("benchmark", 0, Targets, 128, new SerializerRegistry(), static _ => null)));
    }

    [Benchmark(OperationsPerInvoke = Batches * BatchSize)]
    public long Records()
    {
        var taken = 0L;
        for (var i = 0; i < Batches; i++)
        {
            var batch = BatchPool<long>.Rent();
            batch.Count = BatchSize;
            for (var j = 0; j < BatchSize; j++)
                batch.Values[j] = (i * BatchSize) + j;
            _writer.Receive(batch);
            foreach (var channel in _channels)
            {
                while (channel.TryRead(out var arrived))
                {
                    taken += arrived.Count;
                    BatchPool<long>.Return(arrived);
                }
            }
        }

        return taken;
    }
}
