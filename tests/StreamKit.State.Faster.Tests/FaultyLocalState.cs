namespace StreamKit.State.Faster.Tests;

/// <summary>Local state in real stores, of a few pages, whose disk fails, stalls and is small, as the seed has it.</summary>
internal sealed class FaultyLocalState(int seed) : ILocalState
{
    // 64 KB of log in memory: a run of the model has some hundred KB of rows.
    private static readonly LocalStoreSizes s_sizes = new(64 << 10, 256 << 10, LogBytes: 64 << 10, PageBytes: 4 << 10, SegmentBytes: 16 << 10, DiskBytes: 0);

    private readonly Random _random = new(seed);
    private readonly TestFolder _folder = new();
    private readonly Queue<IThreadPoolWorkItem> _scheduled = new();
    private readonly List<FaultyFiles> _files = [];

    public long HotBytes => 1 << 10;

    public LocalBlocks Blocks { get; } = new(1 << 20);

    public string Folder => _folder.Path;

    public int Reads => _files.Sum(static files => files.Reads);

    public int Faults => _files.Sum(static files => files.Failed);

    public ILocalStore OpenStore(string name, bool homeHoldsRows)
    {
        var often = _random.Next(3) switch { 0 => 0, 1 => 0.005, _ => 0.05 };
        var files = new FaultyFiles(_random.Next(), new Faults(ShortReads: 0.02, ReadErrors: often / 5, WriteErrors: often, DeleteErrors: often));
        _files.Add(files);
        var sizes = s_sizes with { DiskBytes = _random.Next(4) == 0 ? 192 << 10 : 8 << 20 };
        var retries = new DeviceRetries(TimeProvider.System, _random.Next(1, 4), TimeSpan.FromMilliseconds(1), static _ => { });
        return new StoreOfRows(new LocalStore(name, sizes, files, retries, _random.Next(2) == 0 ? null : _scheduled.Enqueue, homeHoldsRows));
    }

    /// <summary>Does some of the writes that wait for the executor; the others are late.</summary>
    public void Work()
    {
        for (var left = _random.Next(4); left > 0 && _scheduled.TryDequeue(out var work); left--)
            work.Execute();
    }

    public void Dispose() => _folder.Dispose();
}
