using System.Buffers.Binary;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>The keys of one key group in the order of their canonical bytes, with their slots. One thread; used for one group after the other.</summary>
internal sealed class SortedKeys<TKey>(KeySerializer<TKey> serializer) : IDisposable
    where TKey : notnull
{
    private readonly PooledBufferWriter _bytes = new(64 * 1024);
    private readonly ByBytes _byBytes = new();
    private ulong[] _prefixes = [];
    private int[] _order = [];
    private int[] _ends = [];
    private int[] _slots = [];

    public int Count { get; private set; }

    /// <summary>Takes the keys of a group and sorts them.</summary>
    public void Load(ReadOnlySpan<int> slots, SlotArray<TKey>.PageReader keys)
    {
        Count = slots.Length;
        _bytes.Clear();
        if (_slots.Length < Count)
        {
            int capacity = Math.Max(Count, _slots.Length * 2);
            _prefixes = new ulong[capacity];
            _order = new int[capacity];
            _ends = new int[capacity];
            _slots = new int[capacity];
        }

        slots.CopyTo(_slots);
        for (int i = 0; i < Count; i++)
        {
            int start = _bytes.WrittenCount;
            serializer.Write(_bytes, keys.At(_slots[i]));
            _ends[i] = _bytes.WrittenCount;
            _order[i] = i;
            _prefixes[i] = Prefix(_bytes.WrittenSpan[start..]);
        }

        Sort();
    }

    /// <summary>The slot of a key, by its place in the order.</summary>
    public int SlotAt(int place) => _slots[_order[place]];

    /// <summary>The canonical bytes of a key, by its place in the order.</summary>
    public ReadOnlyMemory<byte> KeyAt(int place) => KeyOf(_order[place]);

    public void Dispose() => _bytes.Dispose();

    // Most keys differ in their first eight bytes, which sort as integers; what is equal there is compared as a whole.
    private void Sort()
    {
        Array.Sort(_prefixes, _order, 0, Count);
        _byBytes.Bytes = _bytes.WrittenMemory;
        _byBytes.Ends = _ends;
        for (int first = 0; first < Count;)
        {
            int next = first + 1;
            while (next < Count && _prefixes[next] == _prefixes[first])
                next++;
            if (next - first > 1)
                Array.Sort(_order, first, next - first, _byBytes);
            first = next;
        }
    }

    private ReadOnlyMemory<byte> KeyOf(int i)
    {
        int start = i == 0 ? 0 : _ends[i - 1];
        return _bytes.WrittenMemory[start.._ends[i]];
    }

    private static ulong Prefix(ReadOnlySpan<byte> key)
    {
        if (key.Length >= sizeof(ulong))
            return BinaryPrimitives.ReadUInt64BigEndian(key);
        Span<byte> padded = stackalloc byte[sizeof(ulong)];
        padded.Clear();
        key.CopyTo(padded);
        return BinaryPrimitives.ReadUInt64BigEndian(padded);
    }

    private sealed class ByBytes : IComparer<int>
    {
        public ReadOnlyMemory<byte> Bytes { get; set; }

        public int[] Ends { get; set; } = [];

        public int Compare(int x, int y) => Key(x).SequenceCompareTo(Key(y));

        private ReadOnlySpan<byte> Key(int i)
        {
            int start = i == 0 ? 0 : Ends[i - 1];
            return Bytes.Span[start..Ends[i]];
        }
    }
}
