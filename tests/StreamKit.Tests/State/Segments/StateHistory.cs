using StreamKit.State;

namespace StreamKit.Tests.State.Segments;

/// <summary>What a chain of segments must add up to: a dictionary of dictionaries that every segment is applied to, from the oldest to the newest.</summary>
internal sealed class StateHistory
{
    private readonly SortedDictionary<string, SortedDictionary<string, TestRow>> _keys = new(StringComparer.Ordinal);

    /// <summary>Applies a segment: all that its rows hide first, since they do not hide each other.</summary>
    public void Apply(IEnumerable<TestRow> segment, KeyGroupRange clip)
    {
        List<TestRow> rows = [.. segment.Where(row => clip.Contains(row.KeyGroup))];
        foreach (TestRow row in rows.Where(row => row.Value is null || row.SubKey.Length == 0))
        {
            SortedDictionary<string, TestRow> subKeys = Of(row);
            foreach (string hidden in subKeys.Keys.Where(subKey => subKey.StartsWith(Convert.ToHexString(row.SubKey), StringComparison.Ordinal)).ToList())
            {
                subKeys.Remove(hidden);
            }
        }

        foreach (TestRow row in rows.Where(row => row.Value is not null))
        {
            Of(row)[Convert.ToHexString(row.SubKey)] = row;
        }
    }

    public IEnumerable<string> Text => _keys.Values.SelectMany(subKeys => subKeys.Values).Order().Select(row => row.Text);

    /// <summary>The rows of a state and key, in order.</summary>
    public IEnumerable<TestRow> RowsOf(int keyGroup, int stateId, byte[] key) =>
        _keys.TryGetValue(Prefix(keyGroup, stateId) + Convert.ToHexString(key), out SortedDictionary<string, TestRow>? rows) ? rows.Values : [];

    /// <summary>The rows of a state and key group, in order.</summary>
    public IEnumerable<TestRow> RowsOf(int keyGroup, int stateId) =>
        _keys.Where(each => each.Key.StartsWith(Prefix(keyGroup, stateId), StringComparison.Ordinal)).SelectMany(each => each.Value.Values);

    /// <summary>
    /// A random segment over few keys. Values are at the empty sub-key, or at sub-keys of two bytes; tombstones also at one byte, above them.
    /// </summary>
    public static List<TestRow> RandomSegment(Random random, int count, int keyGroups)
    {
        var rows = new SortedSet<TestRow>();
        for (int i = 0; i < count; i++)
        {
            bool isTombstone = random.Next(3) == 0;
            int length = random.Next(4) switch { 0 => 0, 1 when isTombstone => 1, _ => 2 };
            byte[] subKey = [.. Enumerable.Range(0, length).Select(_ => (byte)random.Next(3))];
            byte[] key = [(byte)random.Next(2)];
            rows.Add(new TestRow(random.Next(keyGroups), random.Next(2), key, subKey, isTombstone ? null : [(byte)random.Next(256)]));
        }

        return [.. rows];
    }

    private SortedDictionary<string, TestRow> Of(TestRow row)
    {
        string key = Prefix(row.KeyGroup, row.StateId) + Convert.ToHexString(row.Key);
        if (!_keys.TryGetValue(key, out SortedDictionary<string, TestRow>? subKeys))
        {
            _keys.Add(key, subKeys = new SortedDictionary<string, TestRow>(StringComparer.Ordinal));
        }

        return subKeys;
    }

    private static string Prefix(int keyGroup, int stateId) => $"{keyGroup:D5}/{stateId:D5}/";
}
