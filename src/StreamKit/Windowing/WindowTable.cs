using System.Buffers.Binary;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Windowing;

/// <summary>
/// The slices of a window operator and subtask, in order of their starts, as a table of its state. A row belongs to the key; its sub-key begins with the
/// slice's start. Slices exist where there are records, so a gap of years costs nothing.
/// </summary>
internal sealed class WindowTable<TAcc> : StateTable
{
    /// <summary>Bytes of a slice's start in sub-keys.</summary>
    public const int SliceKeySize = sizeof(long);

    /// <summary>Slices that are looked at before a search: records within the usual disorder find theirs without a division.</summary>
    private const int RecentSlices = 8;

    /// <summary>Columns kept for slices to come. One is emptied about when the next begins.</summary>
    private const int SpareColumns = 4;

    private readonly WindowLayout _layout;
    private readonly SliceCodec<TAcc> _codec;
    private readonly bool _immutable;
    private readonly List<WindowSlice<TAcc>> _slices = [];
    private readonly Stack<Column<TAcc>> _spare = new();
    private HeldSlots? _held;

    /// <summary>The watermark at hand. Rows of slices that it has left behind mean nothing; set before rows are loaded.</summary>
    public Func<long> Watermark { get; set; } = static () => long.MinValue;

    /// <summary>How long windows are kept behind their end.</summary>
    public long AllowedLateness { get; set; }

    /// <summary>Creates the table.</summary>
    /// <param name="layout">How windows lie. Part of the name: slices of one layout mean nothing in another.</param>
    /// <param name="codec">How accumulators become rows.</param>
    /// <param name="immutable">Whether accumulators change only when they are stored.</param>
    /// <param name="schema">What accumulators are made of.</param>
    public WindowTable(WindowLayout layout, SliceCodec<TAcc> codec, bool immutable, TypeSchema schema)
        : base(new StateSignature($"$windows of {layout}", StateKind.Window, schema))
    {
        _layout = layout;
        _codec = codec;
        _immutable = immutable;
    }

    /// <summary>The slices that hold anything, in order of their starts.</summary>
    public List<WindowSlice<TAcc>> Slices => _slices;

    public HeldSlots Held => _held ?? throw new StreamKitException($"State '{Name}' was not added to an operator.");

    /// <summary>Big-endian with the sign turned, so that sub-keys sort as starts do.</summary>
    public static void WriteSliceKey(Span<byte> subKey, long start) => BinaryPrimitives.WriteInt64BigEndian(subKey, start ^ long.MinValue);

    /// <summary>The slice that holds a timestamp; null if there is none yet.</summary>
    public WindowSlice<TAcc>? Find(long timestamp)
    {
        var slices = _slices;
        var i = slices.Count - 1;
        for (var last = Math.Max(0, slices.Count - RecentSlices); i >= last; i--)
        {
            var slice = slices[i];
            if ((ulong)(timestamp - slice.Start) < (ulong)slice.Length)
                return slice;
        }

        if (i < 0)
            return null;
        var place = PlaceOf(_layout.SliceStart(timestamp));
        return place >= 0 ? slices[place] : null;
    }

    /// <summary>The slice that starts at a time, made if there is none.</summary>
    public WindowSlice<TAcc> GetOrAdd(long start)
    {
        var place = PlaceOf(start);
        if (place >= 0)
            return _slices[place];
        var column = _spare.Count > 0 ? _spare.Pop() : new Column<TAcc>(owner: null, _immutable, _codec.Rows);
        var slice = new WindowSlice<TAcc>(start, _layout, column);
        _slices.Insert(~place, slice);
        return slice;
    }

    /// <summary>The index of the first slice that starts at or after a time.</summary>
    public int FirstFrom(long start)
    {
        var place = PlaceOf(start);
        return place >= 0 ? place : ~place;
    }

    /// <summary>Lets go of slices, and of the keys that are in none any more if they are many.</summary>
    /// <param name="count">How many slices, from the earliest.</param>
    public void RemoveFirst(int count)
    {
        var last = _slices[count - 1].Accumulators;
        if (Held.Count / 2 > Math.Max(last.Count, Largest(count)))
            Sweep(last, count);

        for (var i = 0; i < count; i++)
        {
            var column = _slices[i].Accumulators;
            if (column.IsCutOpen || _spare.Count == SpareColumns)
                continue;
            column.Reset();
            _spare.Push(column);
        }

        _slices.RemoveRange(0, count);
    }

    public override CutTable BeginCut()
    {
        var cuts = new (long, ColumnCut<TAcc>)[_slices.Count];
        for (var i = 0; i < cuts.Length; i++)
            cuts[i] = (_slices[i].Start, _slices[i].Accumulators.BeginCut());
        var watermark = Watermark();
        return new WindowCut<TAcc>(cuts, (in SegmentRow row) => IsOver(BinaryPrimitives.ReadInt64BigEndian(row.SubKey) ^ long.MinValue, watermark));
    }

    public override void Load(int slot, int keyGroup, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
    {
        if (subKey.Length < SliceKeySize)
            throw new StreamKitException($"A row of '{Name}' has the sub-key {Convert.ToHexString(subKey)}, shorter than a slice's start. The checkpoint is damaged.");
        var start = BinaryPrimitives.ReadInt64BigEndian(subKey) ^ long.MinValue;
        if (Math.Abs(start) > WindowLayout.LargestTimestamp || _layout.SliceStart(start) != start)
            throw new StreamKitException($"A row of '{Name}' belongs to a slice that starts at {start}, where none does. The checkpoint is damaged.");
        if (IsOver(start, Watermark()))
            return; // a segment may hold rows that no later one has had to void
        _codec.Load(ref GetOrAdd(start).Accumulators.Ref(slot, out _), subKey[SliceKeySize..], value);
        Held.Hold(slot);
    }

    public override RowConversion ConversionOf(ValueConversion conversion) => new SliceConversion(_codec.ConversionOf(conversion));

    public override void Prefetch(ReadOnlySpan<int> slots)
    {
        if (_slices.Count > 0)
            _slices[^1].Accumulators.Prefetch(slots);
    }

    public override void MarkStored()
    {
        foreach (var slice in _slices)
            slice.Accumulators.MarkStored();
    }

    /// <summary>A key is in no slice any more. Rows of slices that are over are left out when they are read, so nothing has to be told.</summary>
    public override bool TryForget(int slot) => true;

    protected override void OnAttached() => _held = new HeldSlots(Owner);

    /// <summary>Whether a slice is in no window that takes records or fires at a watermark.</summary>
    private bool IsOver(long start, long watermark) => _layout.LastWindowEnd(start) - 1 + AllowedLateness <= watermark;

    /// <summary>The most keys that any slice has which stays.</summary>
    private int Largest(int leaving)
    {
        var most = 0;
        for (var i = leaving; i < _slices.Count; i++)
            most = Math.Max(most, _slices[i].Accumulators.Count);
        return most;
    }

    /// <summary>The keys of the last slice to go count as used: they are the ones to come back.</summary>
    private void Sweep(Column<TAcc> last, int leaving)
    {
        var used = new Column<TAcc>[_slices.Count - leaving + 1];
        used[0] = last;
        for (var i = leaving; i < _slices.Count; i++)
            used[i - leaving + 1] = _slices[i].Accumulators;
        Held.Sweep<TAcc>(used);
    }

    /// <summary>As <see cref="List{T}.BinarySearch(T)"/>: the index of the slice that starts there, or the complement of where it would be.</summary>
    private int PlaceOf(long start)
    {
        int low = 0, high = _slices.Count - 1;
        while (low <= high)
        {
            var middle = (int)((uint)(low + high) >> 1);
            var at = _slices[middle].Start;
            if (at == start)
                return middle;
            if (at < start)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }

    /// <summary>Rows whose sub-key begins with that of their slice.</summary>
    private sealed class SliceConversion(RowConversion rows) : RowConversion
    {
        public override void Convert(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value, PooledBufferWriter output) => rows.Convert(subKey[SliceKeySize..], value, output);
    }
}
