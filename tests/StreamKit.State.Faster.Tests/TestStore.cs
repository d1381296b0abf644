using System.Text;

namespace StreamKit.State.Faster.Tests;

/// <summary>Stores of the smallest size, and rows as strings.</summary>
internal static class TestStore
{
    /// <summary>1 MB of log in memory, 2 MB of disk, in pages of 64 KB and segments of 128 KB.</summary>
    public static LocalStoreSizes Smallest { get; } = LocalStoreSizes.Of(0, 0, 1);

    /// <summary>The same with 8 MB of disk: most rows are there.</summary>
    public static LocalStoreSizes Deep { get; } = LocalStoreSizes.Of(0, 8 << 20, 1);

    public static LocalStore Open(ISegmentFiles files, Action<IThreadPoolWorkItem>? schedule = null, bool homeHoldsRows = false, LocalStoreSizes? sizes = null, int attempts = 4) =>
        new("words[0]", sizes ?? Smallest, files, new DeviceRetries(TimeProvider.System, attempts, TimeSpan.FromMilliseconds(1), _ => { }), schedule, homeHoldsRows);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static void Upsert(this LocalStore store, string key, string value) => store.Upsert(Bytes(key), Bytes(value));

    public static void Delete(this LocalStore store, string key) => store.Delete(Bytes(key));

    /// <summary>The value, '-' if it is absent, '?' if it may have been dropped.</summary>
    public static string Read(this LocalStore store, string key) => store.ReadAll(key)[0];

    public static string[] ReadAll(this LocalStore store, params string[] keys)
    {
        var batch = new RowReadBatch();
        foreach (var key in keys)
            batch.Add(Bytes(key));
        store.Read(batch);
        return [.. Enumerable.Range(0, batch.Count).Select(i => batch.Status(i) switch
        {
            LocalRowStatus.Found => Encoding.UTF8.GetString(batch.Value(i)),
            LocalRowStatus.Absent => "-",
            _ => "?",
        })];
    }

    /// <summary>Writes rows nobody asks for, until so many bytes are in the log.</summary>
    public static void Fill(this LocalStore store, long bytes, string prefix = "filler")
    {
        var value = new string('x', 1000);
        for (var written = 0L; written < bytes; written += value.Length)
            store.Upsert($"{prefix}-{written}", value);
    }
}
