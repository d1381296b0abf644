namespace StreamKit.State;

/// <summary>
/// Keys to look up together, and the rows in force of each. Filled by the caller, answered by <see cref="HomeTier.ReadAsync"/>, and used again after
/// <see cref="Clear"/>: its buffers grow to what is needed and stay. One thread at a time.
/// </summary>
internal sealed class HomeReadBatch
{
    private const int InitialKeys = 64;

    private readonly int[] _stateIds;
    private byte[] _keyBytes = new byte[4096];
    private KeyEntry[] _keys = new KeyEntry[InitialKeys];
    private int _keysEnd;

    /// <summary>Creates a batch.</summary>
    /// <param name="stateIds">The states wanted of each key.</param>
    public HomeReadBatch(IReadOnlyList<int> stateIds)
    {
        _stateIds = [.. stateIds.Order()];
    }

    /// <summary>The number of keys.</summary>
    public int Count { get; private set; }

    /// <summary>The states wanted of each key, in order.</summary>
    internal ReadOnlySpan<int> StateIds => _stateIds;

    /// <summary>The rows found.</summary>
    internal HomeRows Found { get; } = new();

    /// <summary>The blocks to be read for rows.</summary>
    internal MissingBlocks Missing { get; } = new();

    /// <summary>The bytes of keys and rows that it has room for.</summary>
    public long Capacity => _keyBytes.Length + (long)Found.Capacity;

    /// <summary>Forgets keys and rows.</summary>
    public void Clear()
    {
        (Count, _keysEnd) = (0, 0);
        Found.Clear();
        Missing.Clear();
    }

    /// <summary>Adds a key, which is copied. A key may come more than once.</summary>
    /// <returns>Its index.</returns>
    public int Add(int keyGroup, ReadOnlySpan<byte> key)
    {
        if (_keysEnd + key.Length > _keyBytes.Length)
        {
            Array.Resize(ref _keyBytes, Math.Max(_keysEnd + key.Length, 2 * _keyBytes.Length));
        }

        if (Count == _keys.Length)
        {
            Array.Resize(ref _keys, 2 * Count);
        }

        key.CopyTo(_keyBytes.AsSpan(_keysEnd));
        _keys[Count] = new KeyEntry(keyGroup, _keysEnd, key.Length);
        _keysEnd += key.Length;
        return Count++;
    }

    public ReadOnlySpan<byte> Key(int index) => _keyBytes.AsSpan(_keys[index].Start, _keys[index].Length);

    public int KeyGroup(int index) => _keys[index].KeyGroup;

    /// <summary>After a read: the rows in force of a key, in order of state and sub-key; none for a key that is not there.</summary>
    public HomeRows.Enumerator Rows(int index) => Found.Of(index);

    private readonly record struct KeyEntry(int KeyGroup, int Start, int Length);
}
