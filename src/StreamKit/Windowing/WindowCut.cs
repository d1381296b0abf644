using StreamKit.State;

namespace StreamKit.Windowing;

/// <summary>What has changed in all slices at a barrier. Accumulators only ever grow, so their rows replace the older ones one for one.</summary>
internal sealed class WindowCut<TAcc>((long Start, ColumnCut<TAcc> Column)[] slices, IsDeadRow isDead) : CutTable
{
    private PrefixingSink? _sink;
    private int _advancing;
    private int _settling;

    public override IsDeadRow DeadRows => isDead;

    public override Exception? Failure
    {
        get
        {
            foreach (var (_, column) in slices)
            {
                if (column.Failure is { } failure)
                    return failure;
            }

            return null;
        }
    }

    public override bool Advance(ref int slots)
    {
        for (; _advancing < slices.Length; _advancing++)
        {
            if (!slices[_advancing].Column.Advance(ref slots))
                return false;
        }

        return true;
    }

    public override void CollectSlots(SlotSet into)
    {
        foreach (var (_, column) in slices)
            column.CollectSlots(into);
    }

    public override void WriteSlot(int slot, OrderedRowSink sink)
    {
        var prefixing = _sink ??= new PrefixingSink();
        prefixing.Inner = sink;
        foreach (var (start, column) in slices)
        {
            if (!column.Has(slot))
                continue;
            prefixing.Begin(start);
            column.WriteRows(slot, prefixing);
        }
    }

    public override void Release()
    {
        foreach (var (_, column) in slices)
            column.Release();
        _sink?.Dispose();
    }

    public override bool Settle(bool stored, ref int pages)
    {
        for (; _settling < slices.Length; _settling++)
        {
            if (!slices[_settling].Column.Settle(stored, ref pages))
                return false;
        }

        return true;
    }

    /// <summary>Puts the slice's start before the sub-keys of its rows.</summary>
    private sealed class PrefixingSink : RowSink
    {
        private byte[] _subKey = new byte[WindowTable<TAcc>.SliceKeySize];

        public RowSink? Inner { get; set; }

        public void Begin(long start) => WindowTable<TAcc>.WriteSliceKey(_subKey, start);

        public override void Add(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
        {
            var length = WindowTable<TAcc>.SliceKeySize + subKey.Length;
            if (_subKey.Length < length)
                Array.Resize(ref _subKey, length);
            subKey.CopyTo(_subKey.AsSpan(WindowTable<TAcc>.SliceKeySize));
            Inner!.Add(_subKey.AsSpan(0, length), value); // set before the first row
        }
    }
}
