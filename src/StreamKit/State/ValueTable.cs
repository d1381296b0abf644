namespace StreamKit.State;

/// <summary>One value per slot: value, reducing and aggregating state. One row per key, its value in the MessagePack format.</summary>
internal sealed class ValueTable<T> : StateTable
{
    private readonly Serializer<T> _serializer;
    private Column<T>? _column;

    public ValueTable(StateSignature signature, Serializer<T> serializer)
        : base(signature) => _serializer = serializer;

    /// <summary>The values. Present when the table was added to its owner.</summary>
    public Column<T> Column => _column ?? throw new StreamKitException($"State '{Name}' was not added to an operator.");

    public override CutTable BeginCut() => Column.BeginCut();

    public override void Load(int slot, int keyGroup, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
    {
        var reader = new MessagePackReader(value);
        Column.Set(slot, _serializer.Read(ref reader));
    }

    public override void Prefetch(ReadOnlySpan<int> slots) => Column.Prefetch(slots);

    public override void MarkStored() => Column.MarkStored();

    public override bool TryForget(int slot) => !Column.IsStored(slot);

    protected override void OnAttached() =>
        _column = new Column<T>(Owner, ValueKinds.IsImmutable(typeof(T)), new ValueCodec<T>(_serializer));
}
