namespace StreamKit.State;

/// <summary>
/// Takes all rows of a cut, in order of key group, state id, key bytes and sub-key. What a row belongs to is set before it is added.
/// </summary>
internal abstract class OrderedRowSink : RowSink
{
    public int KeyGroup { get; set; }

    public int StateId { get; set; }

    /// <summary>The canonical bytes of the key; empty for rows of the key group.</summary>
    public ReadOnlyMemory<byte> Key { get; set; }

    /// <summary>Passes on what has gathered, if it is much. Called every few hundred keys.</summary>
    public abstract ValueTask FlushAsync(CancellationToken cancellationToken);
}
