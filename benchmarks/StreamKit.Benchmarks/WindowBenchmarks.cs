using BenchmarkDotNet.Attributes;
using StreamKit.Elements;
using StreamKit.Operators;
using StreamKit.Windowing;

namespace StreamKit.Benchmarks;

/// <summary>Counts per key in windows of event time: 100,000 keys, a million records per second of event time. Adding, firing and letting go, per record.</summary>
[MemoryDiagnoser]
public class WindowBenchmarks
{
    private const int RecordsPerSecond = 1_000_000;
    private const ulong Keys = 100_000;
    private const int BatchSize = 500;

    private readonly Drain<long> _drain = new();
    private Receiver<long> _head = null!; // made in Setup
    private long _next;

    [Params(1, 10)]
    public int SlicesPerWindow { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var layout = new WindowLayout(SlicesPerWindow * 1000, 1000, 0);
        var settings = new WindowSettings<long>(layout, 0, null);
        var selector = KeySelector<long, long>.Of(static x => (long)Math.BigMul((ulong)x * 0x9E37_79B9_7F4A_7C15, Keys, out _));
        var function = new AggregateWindow<long, long, long, long, long>(new CountRecords(), static (key, _, count) => key + count);
        Func<long, long, long> site = new CountRecords().Add;
        var window = JitSites.Create<Operator<long, long>>(
            () => new WindowOperator<long, long, long, long, AggregateWindow<long, long, long, long, long>, SharedSite>(selector, settings, function), site, selector, settings, function);
        BenchmarkServices.Open(window, _drain);
        _head = window;
        for (var i = 0; i < 3 * SlicesPerWindow; i++)
            Second();
    }

    [Benchmark(OperationsPerInvoke = RecordsPerSecond)]
    public long Second()
    {
        for (var i = 0; i < RecordsPerSecond; i += BatchSize)
        {
            var batch = BatchPool<long>.Rent();
            batch.Count = BatchSize;
            batch.HasTimestamps = true;
            for (var j = 0; j < BatchSize; j++)
            {
                batch.Values[j] = _next;
                batch.Timestamps[j] = _next++ / (RecordsPerSecond / 1000);
            }

            batch.Watermark = (_next / (RecordsPerSecond / 1000)) - 1;
            _head.Receive(batch);
        }

        return _drain.Count;
    }

    private sealed class CountRecords : AggregateFunction<long, long, long>
    {
        public override long CreateAccumulator() => 0;

        public override long Add(long accumulator, long value) => accumulator + 1;

        public override long Merge(long left, long right) => left + right;

        public override long GetResult(long accumulator) => accumulator;
    }
}
