using System.Diagnostics.CodeAnalysis;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>A map per slot. A map without entries is absent.</summary>
internal sealed class MapTable<TKey, TValue> : StateTable
    where TKey : notnull
{
    /// <summary>What enumerators go through where there is no map.</summary>
    public static readonly MapCell<TKey, TValue> None = new(epoch: 0);

    private readonly MapCodec<TKey, TValue> _codec;
    private readonly LargeValues _large = new();
    private Column<MapCell<TKey, TValue>>? _column;
    private CellsInParts<MapCell<TKey, TValue>>? _cells;

    public MapTable(StateSignature signature, KeySerializer<TKey> keys, Serializer<TValue> values)
        : base(signature) =>
        _codec = new MapCodec<TKey, TValue>(keys, values);

    /// <summary>The maps. Present when the table was added to its owner.</summary>
    public Column<MapCell<TKey, TValue>> Column => _column ?? throw new StreamKitException($"State '{Name}' was not added to an operator.");

    /// <summary>Counts the entries added to any map, for enumerators.</summary>
    public int Additions { get; private set; }

    public bool TryGetValue(int slot, TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (Column.TryGet(slot, out MapCell<TKey, TValue>? cell) && cell.Find(key, out uint tag) is >= 0 and var place)
        {
            if (!ValueKinds.Of<TValue>.AreImmutable)
                cell.Large?.Touch(place, tag);
            value = cell.Entries[place].Value;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Adds an entry or replaces its value.</summary>
    public void Set(int slot, TKey key, TValue value)
    {
        MapCell<TKey, TValue> cell = Writable(slot);
        int place = cell.Find(key, out uint tag);
        if (place >= 0)
        {
            cell.Large?.Touch(place, tag);
            cell.Entries[place].Value = value;
            return;
        }

        Additions++;
        if (cell.Large is { } large)
        {
            large.Add(tag, key, value);
            return;
        }

        cell.Add(tag, key, value);
        if (cell.Count > MapCell<TKey, TValue>.SmallEntries)
            Enlarge(slot, cell);
    }

    /// <summary>Takes an entry out.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove(int slot, TKey key)
    {
        if (!Column.TryPeek(slot, out MapCell<TKey, TValue>? cell))
            return false;
        int place = cell.Find(key);
        if (place < 0)
            return false;
        cell = Writable(slot);
        if (cell.Large is { } large)
            large.RemoveAt(place);
        else
            cell.RemoveAt(place);
        if (cell.Count == 0)
            Clear(slot);
        return true;
    }

    public void Clear(int slot)
    {
        if (!Column.Has(slot))
            return;
        Column.Place(slot).Large?.Detach();
        Column.Clear(slot);
    }

    public override ISlotCells Cells => _cells ??= new CellsInParts<MapCell<TKey, TValue>>(Column, static cell => cell.Large);

    public override CutTable BeginCut() => _large.BeginCut(Column.BeginCut(), EnlargeStored);

    public override void Load(int slot, int keyGroup, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
    {
        MapCell<TKey, TValue> cell = Writable(slot);
        if (subKey.IsEmpty)
        {
            _codec.Load(cell, value);
            return;
        }

        if (subKey.Length != LargeCutRows.SubKeySize)
            throw new StreamKitException($"A row of map state '{Name}' has the sub-key {Convert.ToHexString(subKey)}, not {LargeCutRows.SubKeySize} bytes: the checkpoint is damaged.");
        (cell.Large ?? Enlarge(slot, cell)).Load(subKey, value);
    }

    public override RowConversion ConversionOf(ValueConversion conversion) => new MapRowConversion(conversion);

    public override void Prefetch(ReadOnlySpan<int> slots) => Column.Prefetch(slots);

    public override void MarkStored()
    {
        Column.MarkStored();
        _large.MarkStored();
    }

    public override bool TryForget(int slot) => !Column.IsStored(slot);

    // A small map of immutable values is taken as a whole: the cut keeps the object, and the first write afterwards copies it.
    protected override void OnAttached() =>
        _column = new Column<MapCell<TKey, TValue>>(Owner, ValueKinds.IsImmutable(typeof(TValue)), _codec);

    /// <summary>The map of a slot, to be written now; made if absent.</summary>
    private MapCell<TKey, TValue> Writable(int slot)
    {
        Column<MapCell<TKey, TValue>> column = Column;
        ref MapCell<TKey, TValue> cell = ref column.Ref(slot, out bool existed);
        if (!existed)
            cell = new MapCell<TKey, TValue>(column.Epoch);
        else if (cell.Epoch != column.Epoch && cell.Large is null)
            Own(ref cell, column);
        return cell;
    }

    private static void Own(ref MapCell<TKey, TValue> cell, Column<MapCell<TKey, TValue>> column)
    {
        if (column.IsImmutable && column.IsCutOpen)
            cell = cell.Copy(column.Epoch);
        else
            cell.Epoch = column.Epoch;
    }

    /// <summary>A small map was too long for a row. If it is still as it was, it has been stored in parts; else it will be.</summary>
    private void EnlargeStored(int slot, ValuePart first)
    {
        if (!Column.Has(slot) || Column.Place(slot) is not { Large: null } cell)
            return;
        bool isStored = !Column.IsChanged(slot);
        cell.Large = new LargeMap<TKey, TValue>(_large, slot, cell, _codec, isStored ? (MapBucket)first : null) { Replaces = !isStored };
    }

    /// <summary>From now on a map, which is being written, is stored in parts.</summary>
    private LargeMap<TKey, TValue> Enlarge(int slot, MapCell<TKey, TValue> cell) =>
        cell.Large = new LargeMap<TKey, TValue>(_large, slot, cell, _codec) { Replaces = Column.IsStored(slot) };
}
