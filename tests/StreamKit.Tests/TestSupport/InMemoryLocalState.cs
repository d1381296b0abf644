namespace StreamKit.Tests;

/// <summary>Local state in dictionaries, which drops what it may whenever it likes, and has room for so many rows. Its folder is a real one.</summary>
internal sealed class InMemoryLocalState(long hotBytes, int? dropsBySeed = null, int rows = int.MaxValue) : IStateBackend, ILocalState
{
    private readonly Lazy<DirectoryInfo> _folder = new(static () => Directory.CreateTempSubdirectory("streamkit-tiers-"));

    private readonly List<InMemoryLocalState> _attempts = [];

    public long HotBytes => hotBytes;

    public LocalBlocks Blocks { get; } = new(2_000);

    public string Folder => _folder.Value.FullName;

    public List<InMemoryLocalStore> Stores { get; } = [];

    /// <summary>Attempts that opened it and were written to.</summary>
    public int Used => _attempts.Count(static attempt => attempt.Stores.Exists(static store => store.Rows > 0));

    public ILocalState Open(LocalStateContext context)
    {
        var attempt = new InMemoryLocalState(hotBytes, dropsBySeed, rows);
        _attempts.Add(attempt);
        return attempt;
    }

    public ILocalStore OpenStore(string name, bool homeHoldsRows)
    {
        var store = new InMemoryLocalStore(homeHoldsRows, dropsBySeed is { } seed ? new Random(seed) : null, rows);
        Stores.Add(store);
        return store;
    }

    public void Dispose()
    {
        if (_folder.IsValueCreated)
            _folder.Value.Delete(recursive: true);
    }
}

/// <summary>A store of <see cref="InMemoryLocalState"/>.</summary>
internal sealed class InMemoryLocalStore(bool homeHoldsRows, Random? drops, int room) : ILocalStore
{
    private readonly Dictionary<string, (byte[]? Value, long Cut)> _rows = [];
    private long _cuts;
    private long _committed;
    private bool _hasDropped = homeHoldsRows;

    public int Rows => _rows.Count;

    /// <summary>Rows that were written, those in place of older ones included.</summary>
    public int Written { get; private set; }

    /// <summary>Keys that were looked up.</summary>
    public int Reads { get; private set; }

    public LocalReadBatch CreateReadBatch() => new Batch();

    public void Read(LocalReadBatch batch)
    {
        DropSome();
        var keys = (Batch)batch;
        Reads += keys.Count;
        for (var i = 0; i < keys.Count; i++)
        {
            keys.Answers[i] = _rows.TryGetValue(keys.Keys[i], out var row)
                ? (row.Value is null ? LocalRowStatus.Absent : LocalRowStatus.Found, row.Value)
                : (_hasDropped ? LocalRowStatus.Dropped : LocalRowStatus.Absent, null);
        }
    }

    public void Write(LocalWriteBatch rows)
    {
        for (; rows.Written < rows.Count; rows.Written++)
        {
            Written++;
            var key = Convert.ToHexString(rows.Key(rows.Written));
            if (!_rows.ContainsKey(key) && _rows.Count >= room && !Drop(static _ => true))
                throw new LocalStoreFullException($"The store has {room} rows, and none may be dropped.");
            _rows[key] = (rows.IsDeleted(rows.Written) ? null : rows.Value(rows.Written).ToArray(), _cuts);
        }

        DropSome();
    }

    public void Reserve(long bytes) => Assert.InRange(bytes, 0, long.MaxValue);

    public long Cut() => ++_cuts;

    public void Committed(long cut)
    {
        Assert.InRange(cut, _committed, _cuts);
        _committed = cut;
    }

    public void Dispose()
    {
    }

    private void DropSome()
    {
        if (drops is not null && drops.Next(4) == 0)
            Drop(_ => drops.Next(2) == 0);
    }

    private bool Drop(Func<string, bool> chosen)
    {
        var dropped = _rows.Where(row => row.Value.Cut < _committed && chosen(row.Key)).Select(static row => row.Key).ToList();
        foreach (var key in dropped)
            _rows.Remove(key);
        _hasDropped |= dropped.Count > 0;
        return dropped.Count > 0;
    }

    private sealed class Batch : LocalReadBatch
    {
        public List<string> Keys { get; } = [];

        public List<(LocalRowStatus Status, byte[]? Value)> Answers { get; } = [];

        public override int Count => Keys.Count;

        public override int Add(ReadOnlySpan<byte> key)
        {
            Keys.Add(Convert.ToHexString(key));
            Answers.Add(default);
            return Keys.Count - 1;
        }

        public override void Clear()
        {
            Keys.Clear();
            Answers.Clear();
        }

        public override ReadOnlySpan<byte> Key(int index) => Convert.FromHexString(Keys[index]);

        public override LocalRowStatus Status(int index) => Answers[index].Status;

        public override ReadOnlySpan<byte> Value(int index) => Answers[index].Value;
    }
}
