using BenchmarkDotNet.Attributes;
using StreamKit.Elements;
using StreamKit.Operators;

namespace StreamKit.Benchmarks;

/// <summary>A chain of maps and filters of longs by delegates, each operator with a body of its own, without source and sink.</summary>
[MemoryDiagnoser]
public class ChainBenchmarks
{
    private const int Batches = 256;
    private const int BatchSize = 512;

    private readonly Drain<long> _drain = new();
    private Receiver<long> _head = null!; // made in Setup

    [Params(2, 5, 10)]
    public int Depth { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Func<long, long>[] maps = [static x => x + 1, static x => x ^ 0x5DEECE66D, static x => x * 3, static x => x - 5, static x => x + (x >> 3)];
        Func<long, bool>[] filters = [static x => (x & 1023) != 7, static x => (x & 1023) != 77, static x => (x & 2047) != 9, static x => (x & 4095) != 11, static x => (x & 8191) != 13];
        _head = _drain;
        for (var i = Depth - 1; i >= 0; i--)
        {
            var opened = i % 2 == 0 ? Map(maps[i / 2]) : Filter(filters[i / 2]);
            BenchmarkServices.Open(opened, _head);
            _head = opened;
        }
    }

    [Benchmark(OperationsPerInvoke = Batches * BatchSize)]
    public long Records()
    {
        for (var i = 0; i < Batches; i++)
        {
            var batch = BatchPool<long>.Rent();
            batch.Count = BatchSize;
            for (var j = 0; j < BatchSize; j++)
                batch.Values[j] = (i * BatchSize) + j;
            _head.Receive(batch);
        }

        return _drain.Count;
    }

    private static Operator<long, long> Map(Func<long, long> map) =>
        JitSites.Create<Operator<long, long>>(() => new MapOperator<long, long, MapDelegate<long, long, SharedSite>>(new(map)), map);

    private static Operator<long, long> Filter(Func<long, bool> predicate) =>
        JitSites.Create<Operator<long, long>>(() => new FilterOperator<long, FilterDelegate<long, SharedSite>>(new(predicate)), predicate);
}
