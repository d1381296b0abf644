using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using StreamKit.State;

namespace StreamKit.Benchmarks;

/// <summary>
/// A running sum per key: the keys of a batch are resolved, then each record reads and writes its key's long. Beside it a loop over a
/// dictionary. Events are made in memory, and the cost of making them is part of every row.
/// </summary>
[MemoryDiagnoser]
public class KeyedStateBenchmarks
{
    private const int BatchSize = 512;
    private const int Events = 4096 * BatchSize;

    private readonly long[] _batch = new long[BatchSize];
    private readonly int[] _slots = new int[BatchSize];
    private readonly Dictionary<long, long> _dictionary = [];
    private KeyedState<long> _state = null!; // made in Setup, as the next two
    private Column<long> _column = null!;
    private ValueState<long> _sum = null!;
    private long _next;

    [Params(1_000, 100_000, 10_000_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var serializers = new SerializerRegistry();
        _state = new KeyedState<long>(new KeyGroupRange(0, 127), 128, serializers.GetKey<long>());
        var table = new ValueTable<long>(StateSignature.Of<long>("sum", StateKind.Value, serializers), serializers.Get<long>());
        _state.AddTable(table);
        _column = table.Column;
        _sum = new ValueState<long>(table);
        for (int i = 0; i < 3 * Keys; i += Events)
        {
            InPlace();
            _next -= Events;
            Dictionary();
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Events)]
    public long Dictionary()
    {
        long total = 0;
        for (long end = _next + Events; _next < end; _next++)
            total += CollectionsMarshal.GetValueRefOrAddDefault(_dictionary, KeyOf(_next), out _) += _next & 1023;
        return total;
    }

    /// <summary>As the engine's own operators do it.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public long InPlace()
    {
        long total = 0;
        for (int i = 0; i < Events; i += BatchSize)
        {
            ResolveNext();
            total += AddInPlace();
            _state.EndBatch();
        }

        return total;
    }

    /// <summary>As a user's function does it.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public long Handle()
    {
        long total = 0;
        for (int i = 0; i < Events; i += BatchSize)
        {
            ResolveNext();
            total += AddByHandle();
            _state.EndBatch();
        }

        return total;
    }

    private void ResolveNext()
    {
        for (int i = 0; i < _batch.Length; i++)
            _batch[i] = KeyOf(_next + i);
        _state.Resolve(_batch, _slots);
        _next += _batch.Length;
    }

    private long AddInPlace()
    {
        long total = 0;
        long value = _next;
        foreach (int slot in _slots)
            total += _column.Ref(slot, out _) += value++ & 1023;
        return total;
    }

    private long AddByHandle()
    {
        long total = 0;
        long value = _next;
        foreach (int slot in _slots)
        {
            _state.CurrentSlot = slot;
            total += _sum.Value += value++ & 1023;
        }

        return total;
    }

    // A 64-bit mix of the counter, scaled to the keys by its high bits: a division would cost more than the lookup.
    private long KeyOf(long i)
    {
        ulong mixed = (ulong)i * 0x9E37_79B9_7F4A_7C15;
        mixed ^= mixed >> 32;
        mixed *= 0xD6E8_FEB8_6659_FD93;
        mixed ^= mixed >> 32;
        return (long)Math.BigMul(mixed, (ulong)Keys, out _);
    }
}
