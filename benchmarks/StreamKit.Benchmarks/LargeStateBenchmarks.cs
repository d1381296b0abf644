using BenchmarkDotNet.Attributes;
using StreamKit.State;

namespace StreamKit.Benchmarks;

/// <summary>One map of a key, as a user's function sees it, beside a plain dictionary. Up to 89 entries are stored as one row.</summary>
[MemoryDiagnoser]
public class LargeStateBenchmarks
{
    private readonly Dictionary<long, long> _dictionary = [];
    private KeyedState<long> _state = null!; // made in Setup, as the next three
    private MapState<long, long> _map = null!;
    private ListState<long> _list = null!;
    private long[] _keys = null!;

    [Params(80, 1_000, 1_000_000)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var serializers = new SerializerRegistry();
        _state = new KeyedState<long>(new KeyGroupRange(0, 127), 128, serializers.GetKey<long>());
        var context = new KeyedStateContext(_state, serializers);
        _map = context.Map<long, long>("map");
        _list = context.List<long>("list");
        int[] slots = new int[1];
        _state.Resolve([1], slots);
        _state.CurrentSlot = slots[0];
        _keys = [.. Enumerable.Range(0, Entries).Select(static i => i * 7919L)];
        new Random(1).Shuffle(_keys);
        Fill();
        FillDictionary();
        Add();
    }

    [Benchmark]
    public void Fill()
    {
        _map.Clear();
        foreach (long key in _keys)
            _map[key] = key;
    }

    [Benchmark]
    public void FillDictionary()
    {
        _dictionary.Clear();
        _dictionary.TrimExcess();
        foreach (long key in _keys)
            _dictionary[key] = key;
    }

    [Benchmark]
    public long Get()
    {
        long total = 0;
        foreach (long key in _keys)
            total += _map[key];
        return total;
    }

    [Benchmark]
    public long GetDictionary()
    {
        long total = 0;
        foreach (long key in _keys)
            total += _dictionary[key];
        return total;
    }

    [Benchmark]
    public void Set()
    {
        foreach (long key in _keys)
            _map[key] = key;
    }

    [Benchmark]
    public long Enumerate()
    {
        long total = 0;
        foreach ((long _, long value) in _map)
            total += value;
        return total;
    }

    [Benchmark]
    public long EnumerateDictionary()
    {
        long total = 0;
        foreach ((long _, long value) in _dictionary)
            total += value;
        return total;
    }

    [Benchmark]
    public void Add()
    {
        _list.Clear();
        for (int i = 0; i < Entries; i++)
            _list.Add(i);
    }

    [Benchmark]
    public long EnumerateList()
    {
        long total = 0;
        foreach (long item in _list)
            total += item;
        return total;
    }
}
