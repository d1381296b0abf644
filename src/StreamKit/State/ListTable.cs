namespace StreamKit.State;

/// <summary>A list per slot. A list without items is absent.</summary>
internal sealed class ListTable<T> : StateTable
{
    private readonly ListCodec<T> _codec;
    private Column<ListCell<T>>? _column;

    public ListTable(StateSignature signature, Serializer<T> serializer)
        : base(signature) => _codec = new ListCodec<T>(serializer);

    /// <summary>The lists. Present when the table was added to its owner.</summary>
    public Column<ListCell<T>> Column => _column ?? throw new StreamKitException($"State '{Name}' was not added to an operator.");

    public override CutTable BeginCut() => Column.BeginCut();

    public override void Load(int slot, int keyGroup, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value) =>
        _codec.Load(ref Column.Ref(slot, out _), subKey, value);

    public override void Prefetch(ReadOnlySpan<int> slots) => Column.Prefetch(slots);

    public override void MarkStored() => Column.MarkStored();

    public override bool TryForget(int slot) => !Column.IsStored(slot);

    // A cell's items never change in place, so what a cut takes stays the list of immutable items although the array behind it grows.
    protected override void OnAttached() => _column = new Column<ListCell<T>>(Owner, ValueKinds.IsImmutable(typeof(T)), _codec);
}
