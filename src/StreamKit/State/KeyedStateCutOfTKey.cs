namespace StreamKit.State;

/// <summary>A cut with its keys. See <see cref="KeyedStateCut"/>.</summary>
internal sealed class KeyedStateCut<TKey> : KeyedStateCut
    where TKey : notnull
{
    private readonly ColumnCut<TKey> _keys;
    private readonly ColumnCut<ushort> _keyGroups;

    public KeyedStateCut(CutTable[] tables, StateDescriptor[] states, KeyDirectory<TKey> directory)
        : base(tables, states)
    {
        _keys = directory.Keys.BeginCut();
        _keyGroups = directory.KeyGroups.BeginCut();
    }

    public override void Dispose()
    {
        Finish();
        _keys.Release();
        _keyGroups.Release();
    }
}
