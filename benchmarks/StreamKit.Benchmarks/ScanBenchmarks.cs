using BenchmarkDotNet.Attributes;
using StreamKit.Elements;
using StreamKit.Operators;

namespace StreamKit.Benchmarks;

/// <summary>The scan operator: keys resolved batch by batch, a delegate per record, one result each.</summary>
[MemoryDiagnoser]
public class ScanBenchmarks
{
    private const int Batches = 4096;
    private const int BatchSize = 512;

    private readonly Drain<long> _drain = new();
    private Receiver<long> _head = null!; // made in Setup
    private long _next;

    [Params(1_000, 100_000, 10_000_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var keys = (ulong)Keys;
        var selector = KeySelector<long, long>.Of(x => (long)Math.BigMul((ulong)x * 0x9E37_79B9_7F4A_7C15, keys, out _));
        Func<long> seed = static () => 0;
        Func<long, long, long> fold = static (sum, x) => sum + x;
        var scan = JitSites.Create<Operator<long, long>>(() => new ScanOperator<long, long, long, SharedSite>(selector, seed, fold), fold, selector, seed, fold);
        BenchmarkServices.Open(scan, _drain);
        _head = scan;
        for (var i = 0L; i < 3L * Keys; i += Batches * BatchSize)
            Records();
    }

    [Benchmark(OperationsPerInvoke = Batches * BatchSize)]
    public long Records()
    {
        for (var i = 0; i < Batches; i++)
        {
            var batch = BatchPool<long>.Rent();
            batch.Count = BatchSize;
            for (var j = 0; j < BatchSize; j++)
                batch.Values[j] = _next++;
            _head.Receive(batch);
        }

        return _drain.Count;
    }
}
