using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>A map per slot. A map without entries is absent.</summary>
internal sealed class MapTable<TKey, TValue> : StateTable
    where TKey : notnull
{
    private readonly MapCodec<TKey, TValue> _codec;
    private Column<MapCell<TKey, TValue>>? _column;

    public MapTable(StateSignature signature, KeySerializer<TKey> keys, Serializer<TValue> values)
        : base(signature) =>
        _codec = new MapCodec<TKey, TValue>(keys, values);

    /// <summary>The maps, for reading. Present when the table was added to its owner.</summary>
    public Column<MapCell<TKey, TValue>> Column => _column ?? throw new StreamKitException($"State '{Name}' was not added to an operator.");

    /// <summary>The map of a slot, to be written now; made if absent.</summary>
    public MapCell<TKey, TValue> Writable(int slot)
    {
        Column<MapCell<TKey, TValue>> column = Column;
        ref MapCell<TKey, TValue> cell = ref column.Ref(slot, out bool existed);
        if (!existed)
            cell = new MapCell<TKey, TValue>(column.Epoch);
        else if (cell.Epoch != column.Epoch)
            Own(ref cell, column);
        return cell;
    }

    public override CutTable BeginCut() => Column.BeginCut();

    public override void Load(int slot, int keyGroup, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value) =>
        _codec.Load(Writable(slot), value);

    public override void Prefetch(ReadOnlySpan<int> slots) => Column.Prefetch(slots);

    public override void MarkStored() => Column.MarkStored();

    public override bool TryForget(int slot) => !Column.IsStored(slot);

    // A map of immutable values is taken as a whole: the cut keeps the object, and the first write afterwards copies it.
    protected override void OnAttached() =>
        _column = new Column<MapCell<TKey, TValue>>(Owner, ValueKinds.IsImmutable(typeof(TValue)), _codec);

    private static void Own(ref MapCell<TKey, TValue> cell, Column<MapCell<TKey, TValue>> column)
    {
        if (column.IsImmutable && column.IsCutOpen)
            cell = cell.Copy(column.Epoch);
        else
            cell.Epoch = column.Epoch;
    }
}
