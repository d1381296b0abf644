using System.Numerics;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>A list per slot. A list without items is absent.</summary>
internal sealed class ListTable<T> : StateTable
{
    private readonly Serializer<T> _serializer;
    private readonly KeyedListCodec<T> _codec;
    private readonly LargeValues _large = new();
    private readonly StateTtl? _ttl;
    private Column<KeyedList<T>>? _column;
    private SlotSweep<KeyedList<T>>? _sweep;
    private CellsInParts<KeyedList<T>>? _cells;

    /// <summary>Creates the table.</summary>
    /// <param name="signature">Its kind says whether items expire.</param>
    /// <param name="serializer">How items are written.</param>
    /// <param name="ttl">How long items are kept; null where they do not expire, or are only read.</param>
    public ListTable(StateSignature signature, Serializer<T> serializer, StateTtl? ttl = null)
        : base(signature)
    {
        _ttl = ttl;
        Expires = signature.IsTimed;
        _serializer = serializer;
        _codec = new KeyedListCodec<T>(serializer);
    }

    /// <summary>The lists. Present when the table was added to its owner.</summary>
    public Column<KeyedList<T>> Column => _column ?? throw new StreamKitException($"State '{Name}' was not added to an operator.");

    /// <summary>Adds an item to a small list without room for it, which may be small no longer.</summary>
    /// <param name="list">The list, in the place of its slot.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="item">The item.</param>
    public void AppendToFull(ref KeyedList<T> list, int slot, T item)
    {
        if (list.SmallCount < KeyedList<T>.SmallItems && !Expires)
            list.Append(item);
        else
            Enlarge(ref list, slot).Append(item);
    }

    /// <summary>Puts an item in place of another.</summary>
    public void Set(int slot, int index, T item)
    {
        ref KeyedList<T> list = ref Column.Ref(slot, out _);
        if (list.Large is { } large)
        {
            large.Set(large.First + index, item);
            return;
        }

        if (list.Epoch != Column.Epoch)
        {
            if (Column.IsImmutable && Column.IsCutOpen)
                list.Items = (T[])list.Items.Clone();
            list.Epoch = Column.Epoch;
        }

        list.Items[index] = item;
    }

    /// <summary>Puts a list in place of another, which may be empty. The items now belong to it.</summary>
    public void Replace(int slot, ListCell<T> items)
    {
        Clear(slot);
        if (items.Count == 0)
            return;
        ref KeyedList<T> list = ref Column.Ref(slot, out _);
        list = new KeyedList<T> { Items = items.Items, SmallCount = items.Count, Epoch = Column.Epoch };
        if (items.Count > KeyedList<T>.SmallItems || Expires)
            Enlarge(ref list, slot);
    }

    public void Clear(int slot)
    {
        if (!Column.Has(slot))
            return;
        Column.Place(slot).Large?.Detach();
        Column.Clear(slot);
    }

    public override bool Expires { get; }

    public override void Expire(ReadOnlySpan<int> slots, long now)
    {
        foreach (int slot in slots)
        {
            if (Column.Has(slot))
                Expire(slot, now);
        }
    }

    public override void Sweep(long now)
    {
        for (ulong present = _sweep!.Next(out int first); present != 0; present &= present - 1) // made with the column
            Expire(first + BitOperations.TrailingZeroCount(present), now);
    }

    // Items that expire stay: what expires is found by looking at what is in memory.
    public override ISlotCells? Cells => Expires ? null : _cells ??= new CellsInParts<KeyedList<T>>(Column, static cell => cell.Large);

    public override CutTable BeginCut() => _large.BeginCut(Column.BeginCut(), EnlargeStored, Expires ? Owner.Clock?.Read() ?? long.MinValue : null);

    public override void Load(int slot, int keyGroup, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
    {
        ref KeyedList<T> list = ref Column.Ref(slot, out _);
        if (subKey.IsEmpty)
        {
            _codec.Load(ref list, value);
            return;
        }

        if (subKey.Length != LargeCutRows.SubKeySize)
            throw new StreamKitException($"A row of list state '{Name}' has the sub-key {Convert.ToHexString(subKey)}, not {LargeCutRows.SubKeySize} bytes: the checkpoint is damaged.");
        (list.Large ?? Enlarge(ref list, slot)).Load(subKey, value);
    }

    public override RowConversion ConversionOf(ValueConversion conversion)
    {
        var untimed = new ValueRowConversion(conversion);
        return Signature.IsTimed ? new TimedPartsConversion(untimed) : untimed;
    }

    public override void Prefetch(ReadOnlySpan<int> slots) => Column.Prefetch(slots);

    public override void MarkStored()
    {
        Column.MarkStored();
        _large.MarkStored();
    }

    public override bool TryForget(int slot) => !Column.IsStored(slot);

    // The items of a small list never change in place while a cut reads them, so what it takes stays the list of immutable items although it changes.
    protected override void OnAttached()
    {
        if (Expires)
            Owner.Clock?.Read();
        _column = new Column<KeyedList<T>>(Owner, ValueKinds.IsImmutable(typeof(T)), _codec);
        _sweep = new SlotSweep<KeyedList<T>>(_column);
    }

    private void Expire(int slot, long now)
    {
        LargeList<T> large = Column.Place(slot).Large!; // lists of items that expire have no other form
        if (!large.Expire(now))
            return;
        Clear(slot);
        LargeList<T> rest = large.Rest(now, new ListTimes(Owner, _ttl));
        if (rest.Count == 0)
            rest.Detach();
        else
            Column.Ref(slot, out _) = new KeyedList<T> { Large = rest };
        rest.Replaces = Column.IsStored(slot);
    }

    /// <summary>A small list was too long for a row. If it is still as it was, it has been stored in parts; else it will be.</summary>
    private void EnlargeStored(int slot, ValuePart first)
    {
        if (!Column.Has(slot) || Column.Place(slot) is not { Large: null } list)
            return;
        ReadOnlySpan<T> items = list.Items.AsSpan(0, list.SmallCount);
        bool isStored = !Column.IsChanged(slot);
        var large = new LargeList<T>(_large, slot, _serializer, items, isStored ? (ListPage)first : null) { Replaces = !isStored };
        Column.Place(slot) = new KeyedList<T> { Large = large };
    }

    /// <summary>From now on a list, which is being written, is stored in parts.</summary>
    private LargeList<T> Enlarge(ref KeyedList<T> list, int slot)
    {
        var large = new LargeList<T>(_large, slot, _serializer, list.Items.AsSpan(0, list.SmallCount), stored: null, Expires ? new ListTimes(Owner, _ttl) : null) { Replaces = Column.IsStored(slot) };
        list = new KeyedList<T> { Large = large };
        return large;
    }
}
