using BenchmarkDotNet.Attributes;
using StreamKit.State;

namespace StreamKit.Benchmarks;

/// <summary>The pause of a cut at the barrier, the first batch behind it, the taking of all pages, which is done in slices, and the writing off the thread. All keys have changed.</summary>
[InvocationCount(1)]
public class KeyedCutBenchmarks : IDisposable
{
    private const int BatchSize = 512;

    private readonly long[] _batch = new long[BatchSize];
    private readonly int[] _slots = new int[BatchSize];
    private KeyedState<long> _state = null!; // made in Setup, as the next one
    private Column<long> _column = null!;
    private KeyedStateCut? _cut;
    private long _next;

    [Params(1_000_000, 10_000_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var serializers = new SerializerRegistry();
        _state = new KeyedState<long>(new KeyGroupRange(0, 127), 128, serializers.GetKey<long>());
        var table = new ValueTable<long>(StateSignature.Of<long>("sum", StateKind.Value, serializers), serializers.Get<long>());
        _state.AddTable(table);
        _column = table.Column;
        for (int i = 0; i < Keys; i += BatchSize)
            Batch(stride: 1);
    }

    [IterationSetup(Target = nameof(FirstBatchAfterACut) + "," + nameof(Advance))]
    public void OpenCut() => _cut = _state.Cut();

    [IterationSetup(Target = nameof(Write))]
    public void AdvancedCut()
    {
        OpenCut();
        Advance();
    }

    [IterationCleanup]
    public void Dispose()
    {
        _cut?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public bool Cut()
    {
        _cut = _state.Cut();
        return _cut.IsAdvanced;
    }

    [Benchmark]
    public bool Advance() => _cut!.Advance(int.MaxValue); // opened before each iteration

    [Benchmark]
    public long FirstBatchAfterACut() => Batch(stride: 7_919);

    [Benchmark]
    public async Task<long> Write()
    {
        var output = System.IO.Pipelines.PipeWriter.Create(Stream.Null);
        return (await _cut!.WriteAsync(output, CancellationToken.None)).Length; // opened before each iteration
    }

    private long Batch(int stride)
    {
        for (int i = 0; i < _batch.Length; i++)
            _batch[i] = (_next += stride) % Keys;
        _state.Resolve(_batch, _slots);
        long total = 0;
        foreach (int slot in _slots)
            total += _column.Ref(slot, out _) += 1;
        _state.EndBatch();
        return total;
    }
}
