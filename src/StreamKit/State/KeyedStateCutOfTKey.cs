using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>A cut with its keys. See <see cref="KeyedStateCut"/>.</summary>
/// <remarks>
/// Rows come in order without sorting all of them: slots are put into buckets by key group (four bytes per slot), and the keys of one key
/// group at a time are sorted by their canonical bytes, once for all states.
/// </remarks>
internal sealed class KeyedStateCut<TKey> : KeyedStateCut
    where TKey : notnull
{
    /// <summary>Keys between two looks at the cancellation token and the size of what has gathered.</summary>
    private const int KeysPerLook = 512;

    private readonly KeySerializer<TKey> _serializer;
    private readonly ColumnCut<TKey> _keys;
    private readonly ColumnCut<ushort> _keyGroups;

    public KeyedStateCut(CutTable[] tables, StateDescriptor[] states, KeyGroupRange range, KeyDirectory<TKey> directory, KeySerializer<TKey> serializer)
        : base(tables, states, range)
    {
        _serializer = serializer;
        _keys = directory.Keys.BeginCut();
        _keyGroups = directory.KeyGroups.BeginCut();
    }

    public override TypeSchema KeySchema => _serializer.Schema;

    private protected override async ValueTask WriteRowsAsync(OrderedRowSink sink, CancellationToken cancellationToken)
    {
        (int[] slots, int[] ends) = ByKeyGroup();
        using var keys = new SortedKeys<TKey>(_serializer);
        for (int i = 0; i < Range.Count; i++)
        {
            int first = i == 0 ? 0 : ends[i - 1];
            keys.Load(slots.AsSpan(first..ends[i]), _keys);
            sink.KeyGroup = Range.First + i;
            foreach (CutTable table in Tables)
            {
                sink.StateId = table.Id;
                sink.Key = default;
                table.WriteKeyGroup(sink.KeyGroup, sink);
                for (int place = 0; place < keys.Count; place += KeysPerLook)
                {
                    ThrowIfAbandoned(cancellationToken);
                    WriteSlots(table, keys, place, sink);
                    await sink.FlushAsync(cancellationToken);
                }
            }
        }
    }

    private protected override void Release()
    {
        base.Release();
        _keys.Release();
        _keyGroups.Release();
    }

    private static void WriteSlots(CutTable table, SortedKeys<TKey> keys, int first, OrderedRowSink sink)
    {
        int next = Math.Min(keys.Count, first + KeysPerLook);
        for (int place = first; place < next; place++)
        {
            sink.Key = keys.KeyAt(place);
            table.WriteSlot(keys.SlotAt(place), sink);
        }
    }

    // A counting sort. Afterwards ends[i] is where the slots of the i-th key group end.
    private (int[] Slots, int[] Ends) ByKeyGroup()
    {
        int[] ends = new int[Range.Count + 1];
        foreach (int slot in _keyGroups.Slots)
            ends[GroupIndex(slot) + 1]++;
        for (int i = 1; i < ends.Length; i++)
            ends[i] += ends[i - 1];

        int[] slots = new int[ends[^1]];
        foreach (int slot in _keyGroups.Slots)
            slots[ends[GroupIndex(slot)]++] = slot;
        return (slots, ends);
    }

    private int GroupIndex(int slot)
    {
        _keyGroups.TryGet(slot, out ushort keyGroup);
        return keyGroup - Range.First;
    }
}
