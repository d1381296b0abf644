using System.Numerics;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>One value per slot: value, reducing and aggregating state. One row per key, its value in the MessagePack format.</summary>
internal sealed class ValueTable<T> : StateTable
{
    private readonly Serializer<T> _serializer;
    private readonly StateTtl? _ttl;
    private SlotExpiry? _expiry;
    private Column<T>? _column;
    private SlotSweep<T>? _sweep;

    /// <summary>Creates the table.</summary>
    /// <param name="signature">Its kind says whether values expire.</param>
    /// <param name="serializer">How values are written.</param>
    /// <param name="ttl">How long they are kept; null where they do not expire, or are only read.</param>
    public ValueTable(StateSignature signature, Serializer<T> serializer, StateTtl? ttl = null)
        : base(signature)
    {
        _serializer = serializer;
        _ttl = ttl;
    }

    /// <summary>The values. Present when the table was added to its owner.</summary>
    public Column<T> Column => _column ?? throw new StreamKitException($"State '{Name}' was not added to an operator.");

    // Values that expire stay: what expires is found by looking at what is in memory.
    public override ISlotCells? Cells => Expires ? null : Column;

    public override bool Expires => Signature.IsTimed;

    public override void Expire(ReadOnlySpan<int> slots, long now)
    {
        foreach (int slot in slots)
        {
            if (!Column.Has(slot))
                continue;
            if (_expiry!.IsOver(slot, now)) // made with the column
                Column.Clear(slot);
            else
                Column.NoteNextWrite(slot);
        }
    }

    public override void Sweep(long now)
    {
        for (ulong present = _sweep!.Next(out int first); present != 0; present &= present - 1) // made with the column
        {
            int slot = first + BitOperations.TrailingZeroCount(present);
            if (_expiry!.IsOver(slot, now))
                Column.Clear(slot);
        }
    }

    public override CutTable BeginCut() => _expiry is null
        ? Column.BeginCut()
        : new TimedCut<T>(Column.BeginCut(), _expiry.Times.BeginCut(), Owner.Clock?.Read() ?? long.MinValue);

    public override void Load(int slot, int keyGroup, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
    {
        var reader = new MessagePackReader(value);
        if (_expiry is null)
        {
            Column.Set(slot, _serializer.Read(ref reader));
            return;
        }

        long expiry = TimedRow.ReadExpiry(ref reader);
        if (Owner.Clock?.Now >= expiry)
            return; // no merge has come to it yet
        Column.Set(slot, _serializer.Read(ref reader));
        _expiry.Times.Set(slot, expiry);
    }

    public override RowConversion ConversionOf(ValueConversion conversion) => Signature.IsTimed ? new TimedRowConversion(conversion) : new ValueRowConversion(conversion);

    public override void Prefetch(ReadOnlySpan<int> slots) => Column.Prefetch(slots);

    public override void MarkStored()
    {
        Column.MarkStored();
        _expiry?.Times.MarkStored();
    }

    public override bool TryForget(int slot) => !Column.IsStored(slot);

    protected override void OnAttached()
    {
        if (Signature.IsTimed)
        {
            Owner.Clock?.Read();
            _expiry = new SlotExpiry(new Column<long>(owner: null, immutable: true, new ExpiryCodec()), Owner, _ttl);
        }

        _column = new Column<T>(Owner, ValueKinds.IsImmutable(typeof(T)), new ValueCodec<T>(_serializer)) { Expiry = _expiry };
        _sweep = new SlotSweep<T>(_column);
    }

    /// <summary>The first half of a row of <see cref="TimedCut{T}"/>.</summary>
    private sealed class ExpiryCodec : RowCodec<long>
    {
        public override bool IsOneRow => true;

        public override void Write(in long cell, RowSink sink)
        {
            sink.Scratch.Clear();
            var writer = new MessagePackWriter(sink.Scratch);
            writer.Write(cell);
            writer.Flush();
            sink.Add(default, sink.Scratch.WrittenSpan);
        }
    }
}
