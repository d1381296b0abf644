using System.Diagnostics.CodeAnalysis;
using System.Numerics;
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
    private readonly StateTtl? _ttl;
    private Column<MapCell<TKey, TValue>>? _column;
    private SlotSweep<MapCell<TKey, TValue>>? _sweep;
    private CellsInParts<MapCell<TKey, TValue>>? _cells;

    /// <summary>Creates the table.</summary>
    /// <param name="signature">Its kind says whether entries expire.</param>
    /// <param name="keys">How the keys of entries are written.</param>
    /// <param name="values">How their values are written.</param>
    /// <param name="ttl">How long entries are kept; null where they do not expire, or are only read.</param>
    public MapTable(StateSignature signature, KeySerializer<TKey> keys, Serializer<TValue> values, StateTtl? ttl = null)
        : base(signature)
    {
        _codec = new MapCodec<TKey, TValue>(keys, values, signature.IsTimed);
        _ttl = ttl;
        Expires = signature.IsTimed;
    }

    /// <summary>The maps. Present when the table was added to its owner.</summary>
    public Column<MapCell<TKey, TValue>> Column => _column ?? throw new StreamKitException($"State '{Name}' was not added to an operator.");

    /// <summary>Counts the entries added to any map, for enumerators.</summary>
    public int Additions { get; private set; }

    public bool TryGetValue(int slot, TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (Column.TryGet(slot, out MapCell<TKey, TValue>? cell) && cell.Find(key, out uint tag) is >= 0 and var place)
        {
            if (!ValueKinds.Of<TValue>.AreImmutable)
                HandOut(cell, place, tag);
            value = cell.Entries[place].Value;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Called before the value of an entry is handed out to somebody who may change it.</summary>
    public void HandOut(MapCell<TKey, TValue> cell, int place, uint tag)
    {
        cell.Large?.Touch(place, tag);
        if (_ttl is not null)
            cell.Times!.Renew(place, _ttl.ExpiryAt(Owner.Clock)); // there where entries expire, as below
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
            if (_ttl is not null)
                cell.Times!.Renew(place, _ttl.ExpiryAt(Owner.Clock));
            return;
        }

        Additions++;
        place = cell.Large?.Add(tag, key, value) ?? cell.Add(tag, key, value);
        if (_ttl is not null)
            cell.Times!.Add(place, _ttl.ExpiryAt(Owner.Clock));
        if (cell.Large is null && cell.Count > MapCell<TKey, TValue>.SmallEntries)
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
        RemoveAt(slot, place);
        return true;
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

    // Entries that expire stay: what expires is found by looking at what is in memory.
    public override ISlotCells? Cells => Expires ? null : _cells ??= new CellsInParts<MapCell<TKey, TValue>>(Column, static cell => cell.Large);

    public override CutTable BeginCut() => _large.BeginCut(Column.BeginCut(), EnlargeStored, Expires ? Owner.Clock?.Read() ?? long.MinValue : null);

    public override void Load(int slot, int keyGroup, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
    {
        // An empty one is made of what has all expired, too, so that the segments are told: it is cleared when its key is used, or before.
        MapCell<TKey, TValue> cell = Writable(slot);
        long now = Owner.Clock?.Now ?? long.MinValue;
        if (subKey.IsEmpty)
        {
            _codec.Load(cell, value, now);
            return;
        }

        if (subKey.Length != LargeCutRows.SubKeySize)
            throw new StreamKitException($"A row of map state '{Name}' has the sub-key {Convert.ToHexString(subKey)}, not {LargeCutRows.SubKeySize} bytes: the checkpoint is damaged.");
        (cell.Large ?? Enlarge(slot, cell)).Load(subKey, value, now);
    }

    public override RowConversion ConversionOf(ValueConversion conversion)
    {
        var untimed = new MapRowConversion(conversion);
        return Signature.IsTimed ? new TimedPartsConversion(untimed) : untimed;
    }

    public override void Prefetch(ReadOnlySpan<int> slots) => Column.Prefetch(slots);

    public override void MarkStored()
    {
        Column.MarkStored();
        _large.MarkStored();
    }

    public override bool TryForget(int slot) => !Column.IsStored(slot);

    // A small map of immutable values is taken as a whole: the cut keeps the object, and the first write afterwards copies it.
    protected override void OnAttached()
    {
        if (Expires)
            Owner.Clock?.Read();
        _column = new Column<MapCell<TKey, TValue>>(Owner, ValueKinds.IsImmutable(typeof(TValue)), _codec);
        _sweep = new SlotSweep<MapCell<TKey, TValue>>(_column);
    }

    private void Expire(int slot, long now)
    {
        MapTimes times = Column.Place(slot).Times!; // entries expire
        for (int place = times.NextExpired(now); place >= 0; place = times.NextExpired(now))
        {
            times = Writable(slot).Times!;
            RemoveAt(slot, place);
            if (!Column.Has(slot))
                return;
        }

        if (Column.Place(slot).Count == 0)
            Clear(slot);
    }

    private void RemoveAt(int slot, int place)
    {
        MapCell<TKey, TValue> cell = Writable(slot);
        if (cell.Large is { } large)
            large.RemoveAt(place);
        else
            cell.RemoveAt(place);
        if (cell.Count == 0)
            Clear(slot);
    }

    /// <summary>The map of a slot, to be written now; made if absent.</summary>
    private MapCell<TKey, TValue> Writable(int slot)
    {
        Column<MapCell<TKey, TValue>> column = Column;
        ref MapCell<TKey, TValue> cell = ref column.Ref(slot, out bool existed);
        if (!existed)
            cell = new MapCell<TKey, TValue>(column.Epoch) { Times = Expires ? new MapTimes() : null };
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
