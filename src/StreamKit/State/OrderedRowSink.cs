namespace StreamKit.State;

/// <summary>
/// Takes the rows of a cut, in order of key group, state id, key bytes and sub-key. What a row belongs to is set before it is added.
/// </summary>
internal abstract class OrderedRowSink : RowSink
{
    private bool _replaces;

    public int KeyGroup { get; set; }

    public int StateId { get; set; }

    /// <summary>What the rows of the last slot that came in parts are; null where the last slots had one row each. Reset by whoever asks.</summary>
    public ValuePart? Parts { get; set; }

    /// <summary>The canonical bytes of the key.</summary>
    public ReadOnlyMemory<byte> Key { get; set; }

    /// <summary>The rows of the state and key that come now are all there are: older segments' are void.</summary>
    public void BeginReplacement() => _replaces = true;

    /// <summary>All rows have come.</summary>
    public void EndReplacement()
    {
        if (_replaces)
            AddTombstone();
        _replaces = false;
    }

    public sealed override void BeginParts(ValuePart first)
    {
        Parts = first;
        AddTombstone();
        _replaces = false;
    }

    // A row with the empty sub-key voids older rows of its key by itself.
    public sealed override void Add(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
    {
        if (_replaces && !subKey.IsEmpty)
            AddTombstone();
        _replaces = false;
        AddRow(subKey, value);
    }

    /// <summary>Says that what older segments have of the state and key is void. Comes before the rows that replace it, if there are any.</summary>
    public void AddTombstone() => AddTombstone(default);

    /// <summary>Says that what older segments have at sub-keys that begin with one is void. Comes in order, like a row.</summary>
    public abstract void AddTombstone(ReadOnlySpan<byte> subKey);

    /// <summary>Passes on what has gathered, if it is much. Called every few hundred keys.</summary>
    public abstract ValueTask FlushAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="RowSink.Add"/>
    protected abstract void AddRow(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value);
}
