using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>A cut with its keys. See <see cref="KeyedStateCut"/>.</summary>
/// <remarks>
/// Rows come in order without sorting all of them: slots are put into buckets by key group (four bytes per slot), and the keys of one key
/// group at a time are sorted by their canonical bytes, once for all states. The keys are read in place: no slot is recycled while a cut is open.
/// </remarks>
internal sealed class KeyedStateCut<TKey>(CutTable[] tables, StateDescriptor[] states, KeyGroupRange range, KeyDirectory<TKey> directory, KeySerializer<TKey> serializer)
    : KeyedStateCut(tables, states, range)
    where TKey : notnull
{
    /// <summary>Keys between two looks at the cancellation token and the size of what has gathered.</summary>
    private const int KeysPerLook = 512;

    public override TypeSchema KeySchema => serializer.Schema;

    private protected override async ValueTask WriteRowsAsync(OrderedRowSink sink, CancellationToken cancellationToken)
    {
        var changed = new SlotSet();
        foreach (CutTable table in Tables)
            table.CollectSlots(changed);
        (int[] slots, int[] ends) = ByKeyGroup(changed);
        using var keys = new SortedKeys<TKey>(serializer);
        for (int i = 0; i < Range.Count; i++)
        {
            int first = i == 0 ? 0 : ends[i - 1];
            keys.Load(slots.AsSpan(first..ends[i]), directory.Keys.Reader);
            sink.KeyGroup = Range.First + i;
            foreach (CutTable table in Tables)
            {
                sink.StateId = table.Id;
                for (int place = 0; place < keys.Count; place += KeysPerLook)
                {
                    ThrowIfAbandoned(cancellationToken);
                    WriteSlots(table, keys, place, sink);
                    await sink.FlushAsync(cancellationToken);
                }
            }
        }
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
    private (int[] Slots, int[] Ends) ByKeyGroup(SlotSet changed)
    {
        SlotArray<ushort>.PageReader keyGroups = directory.KeyGroups.Reader;
        int[] ends = new int[Range.Count + 1];
        foreach (int slot in changed)
            ends[keyGroups.At(slot) - Range.First + 1]++;
        for (int i = 1; i < ends.Length; i++)
            ends[i] += ends[i - 1];

        int[] slots = new int[ends[^1]];
        foreach (int slot in changed)
            slots[ends[keyGroups.At(slot) - Range.First]++] = slot;
        return (slots, ends);
    }
}
