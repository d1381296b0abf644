using StreamKit.Runtime;

namespace StreamKit.Tests.StateProcessing.Queries;

/// <summary>Asks a <see cref="QueriedJob"/> whatever chance brings, and compares each answer with the checkpoint that it says it is of.</summary>
internal sealed class QueriedJobAsker(StreamJob job, CountsOfCheckpoints checkpoints, JobRandom random, Func<Task> pause)
{
    private const string Operator = "states";
    private readonly StateQuery<long, long> _counts = job.QueryValues<long, long>(Operator, "count");
    private readonly StateQuery<long, long> _sums = job.QueryValues<long, long>(Operator, "sum");
    private readonly StateQuery<long, (long Count, long Sum)> _averages = job.QueryValues<long, (long Count, long Sum)>(Operator, "average");
    private readonly StateQuery<long, string> _texts = job.QueryValues<long, string>(Operator, "text");
    private readonly StateQuery<long, IReadOnlyList<long>> _seen = job.QueryLists<long, long>(Operator, "seen");
    private readonly StateQuery<long, IReadOnlyDictionary<long, long>> _entries = job.QueryMaps<long, long, long>(Operator, "entries");

    /// <summary>The answers compared.</summary>
    public int Answers { get; private set; }

    /// <summary>Enumerations at whose end another checkpoint was the newest.</summary>
    public int Overtaken { get; private set; }

    public async Task AskAsync()
    {
        try
        {
            await AskSomethingAsync();
        }
        catch (NoCheckpointException) when (Answers == 0)
        {
            // A job that goes on from a checkpoint knows it when it has claimed it.
        }
    }

    private async Task AskSomethingAsync()
    {
        switch (random.Next(6))
        {
            case 0:
                await AskAsync(_counts, static (state, count) => Assert.Equal(state.Count, count), static state => state.Count > 0);
                break;
            case 1:
                await AskAsync(_sums, static (state, sum) => Assert.Equal(state.Sum, sum), static state => state.Count > 0);
                break;
            case 2:
                await AskAsync(_averages, static (state, average) => Assert.Equal((state.Count, state.Sum), average), static state => state.Count > 0);
                break;
            case 3:
                await AskAsync(_texts, static (state, text) => Assert.Equal(state.Text, text), static state => state.Text is not null);
                break;
            case 4:
                await AskAsync(_seen, static (state, seen) => Assert.Equal(state.Seen, seen), static state => state.Seen.Count > 0);
                break;
            default:
                await AskAsync(_entries, static (state, entries) => Assert.Equal(state.Entries.OrderBy(static each => each.Key), entries.OrderBy(static each => each.Key)), static state => state.Entries.Count > 0);
                break;
        }
    }

    private Task AskAsync<T>(StateQuery<long, T> query, Action<QueriedJob.KeyState, T> compare, Func<QueriedJob.KeyState, bool> isThere) => random.Next(3) switch
    {
        0 => AskOneAsync(query, compare, isThere),
        1 => AskSomeAsync(query, compare, isThere),
        _ => AskAllAsync(query, compare, isThere),
    };

    private async Task AskOneAsync<T>(StateQuery<long, T> query, Action<QueriedJob.KeyState, T> compare, Func<QueriedJob.KeyState, bool> isThere)
    {
        long key = random.Next(QueriedJob.Keys + 3);
        var answer = await query.GetAsync(key);
        var expected = Expected(answer.Checkpoint, key);
        Assert.Equal(isThere(expected), answer.HasValue);
        if (answer.TryGet(out var value))
            compare(expected, value);
        Answers++;
    }

    private async Task AskSomeAsync<T>(StateQuery<long, T> query, Action<QueriedJob.KeyState, T> compare, Func<QueriedJob.KeyState, bool> isThere)
    {
        var keys = Enumerable.Range(0, 1 + random.Next(QueriedJob.Keys)).Select(_ => (long)random.Next(QueriedJob.Keys + 3)).ToList();
        var answers = await query.GetManyAsync(keys);
        Compare(answers.Checkpoint, keys.Distinct(), answers.Found, compare, isThere);
    }

    private async Task AskAllAsync<T>(StateQuery<long, T> query, Action<QueriedJob.KeyState, T> compare, Func<QueriedJob.KeyState, bool> isThere)
    {
        var found = new Dictionary<long, T>();
        var stamps = new HashSet<(long, DateTimeOffset)>();
        await foreach (var entry in query.ReadAllAsync())
        {
            found.Add(entry.Key, entry.Value);
            stamps.Add((entry.Checkpoint, entry.Timestamp));
            await pause();
        }

        if (stamps.Count == 0)
            return;
        var (checkpoint, _) = Assert.Single(stamps);
        Compare(checkpoint, Enumerable.Range(0, QueriedJob.Keys).Select(static key => (long)key), found, compare, isThere);
        Overtaken += checkpoint < checkpoints.Newest ? 1 : 0;
    }

    private void Compare<T>(long checkpoint, IEnumerable<long> keys, IReadOnlyDictionary<long, T> found, Action<QueriedJob.KeyState, T> compare, Func<QueriedJob.KeyState, bool> isThere)
    {
        var there = keys.Select(key => (Key: key, Expected: Expected(checkpoint, key))).Where(each => isThere(each.Expected)).ToDictionary(static each => each.Key, static each => each.Expected);
        Assert.Equal(there.Keys.Order(), found.Keys.Order());
        foreach (var (key, expected) in there)
            compare(expected, found[key]);
        Answers++;
    }

    private QueriedJob.KeyState Expected(long checkpoint, long key) => QueriedJob.Expected(key, checkpoints[checkpoint].GetValueOrDefault(key));
}
