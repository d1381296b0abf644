using System.Text.Json;
using StreamKit.Checkpoints;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.StateProcessing;

/// <summary>Reads the state of a job that was stopped, and compares it with what the job has committed.</summary>
public class StateReaderTests
{
    private readonly InMemoryCheckpointStore _store = new();
    private readonly InMemoryCheckpointStore _savepoint = new();
    private readonly EveryStateJob _job = new();

    public StateReaderTests()
    {
        var job = new SimulatedJob(1, DateTimeOffset.UnixEpoch, builder => _job.Describe(builder, _store, 3));
        job.Step(2_500);
        var taken = job.Job.StopWithSavepointAsync(_savepoint);
        job.Complete();
        taken.GetAwaiter().GetResult();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OpenAsync_OfASavepointOrALog_TellsWhatItConsistsOf(bool isSavepoint)
    {
        var reader = await StateReader.OpenAsync(isSavepoint ? _savepoint : _store, TestContext.Current.CancellationToken);

        Assert.Equal(("simulated", isSavepoint, false, 128), (reader.JobName, reader.IsSavepoint, reader.IsFinished, reader.MaxParallelism));
        Assert.Equal(["buckets", "buckets-out", "contents-out", "held", "held-out", "numbers", "sums", "sums-out", "window-contents", "window-sums", "windows-out"], reader.Operators.Select(each => each.Name).Where(name => name[0] != 'M'));
        var buckets = reader.Operators.Single(each => each.Name == "buckets");
        Assert.Equal((3, "int64"), (buckets.Parallelism, buckets.KeyType));
        Assert.Equal(
            ["$timers timers", "all reducing", "average aggregating", "ballast value", "largest map", "open value", "seen list", "sums map"],
            buckets.States.Select(each => $"{each.Name} {each.Kind}").Order(StringComparer.Ordinal));
        Assert.Equal("{int64 → int64}", buckets.States.Single(each => each.Name == "sums").Type);
        Assert.True(buckets.Bytes > 17 * 6_000);
        Assert.Equal(["held"], reader.Operators.Single(each => each.Name == "held").Lists.Select(each => each.Name));
    }

    [Fact]
    public async Task OpenCheckpointAsync_ByNumber_OpensThatOrSaysWhyNot()
    {
        var newest = await StateReader.OpenAsync(_store, TestContext.Current.CancellationToken);

        var same = await StateReader.OpenCheckpointAsync(_store, newest.Checkpoint, TestContext.Current.CancellationToken);
        var older = await StateReader.OpenCheckpointAsync(_store, newest.Checkpoint - 1, TestContext.Current.CancellationToken);
        var claim = await Assert.ThrowsAsync<StreamKitException>(() => StateReader.OpenCheckpointAsync(_store, 1));
        var missing = await Assert.ThrowsAsync<StreamKitException>(() => StateReader.OpenCheckpointAsync(_store, 99));

        Assert.Equal((newest.Checkpoint, newest.Checkpoint - 1), (same.Checkpoint, older.Checkpoint));
        Assert.Contains("Log entry 1 in 'memory' is no checkpoint", claim.Message, StringComparison.Ordinal);
        Assert.Contains("There is no checkpoint 99 in 'memory'", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadValuesAsync_OfValueReducingAndAggregatingState_GivesWhatTheJobHad()
    {
        var reader = await StateReader.OpenAsync(_savepoint, TestContext.Current.CancellationToken);

        var sums = await reader.ReadValuesAsync<long, (long Key, long Count, long Sum)>("sums", "accumulator").ToListAsync(TestContext.Current.CancellationToken);
        var all = await reader.ReadValuesAsync<long, long>("buckets", "all").ToDictionaryAsync(each => each.Key, each => each.Value, cancellationToken: TestContext.Current.CancellationToken);
        var averages = await reader.ReadValuesAsync<long, (long Count, long Sum)>("buckets", "average").ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(EveryStateJob.Keys, sums.Count);
        Assert.All(sums, each => Assert.Equal(_job.Committed.Count(line => line.StartsWith($"sum ({each.Key}, ", StringComparison.Ordinal)), each.Value.Count));
        Assert.All(sums, each => Assert.Equal(all[each.Key], each.Value.Sum));
        Assert.All(averages, each => Assert.Equal(all[each.Key], each.Value.Sum));
    }

    [Fact]
    public async Task ReadListsAndMapsAsync_OfOpenBuckets_AgreeWithEachOtherAndTheTimers()
    {
        var reader = await StateReader.OpenAsync(_savepoint, TestContext.Current.CancellationToken);

        var seen = await reader.ReadListsAsync<long, long>("buckets", "seen").ToDictionaryAsync(each => each.Key, each => each.Items, cancellationToken: TestContext.Current.CancellationToken);
        var sums = await reader.ReadMapsAsync<long, long, long>("buckets", "sums").ToDictionaryAsync(each => each.Key, each => each.Entries, cancellationToken: TestContext.Current.CancellationToken);
        var timers = await reader.ReadTimersAsync<long>("buckets").ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(EveryStateJob.Keys, sums.Count);
        Assert.All(sums, key => Assert.Equal(key.Value.Values.Sum(), seen[key.Key].Sum()));
        Assert.Equal(
            sums.SelectMany(key => key.Value.Keys.Select(bucket => new StoredTimer<long>(key.Key, TimeDomain.EventTime, bucket + 99))).OrderBy(each => (each.Key, each.Timestamp)),
            timers.OrderBy(each => (each.Key, each.Timestamp)));
    }

    [Fact]
    public async Task ReadWindowsAsync_OfAccumulators_GivesThemBySlice()
    {
        var reader = await StateReader.OpenAsync(_savepoint, TestContext.Current.CancellationToken);
        var watermark = reader.Operators.Single(each => each.Name == "window-sums").Watermark;

        var slices = await reader.ReadWindowsAsync<long, long>("window-sums").Where(each => each.Start + 249 > watermark).ToListAsync(TestContext.Current.CancellationToken);

        Assert.NotEmpty(slices);
        var sums = await reader.ReadValuesAsync<long, (long Key, long Count, long Sum)>("sums", "accumulator").ToDictionaryAsync(each => each.Key, each => each.Value.Sum, cancellationToken: TestContext.Current.CancellationToken);
        foreach (var (key, sum) in sums)
        {
            var fired = _job.Committed.Where(line => line.StartsWith($"window {key}@", StringComparison.Ordinal)).Sum(line => long.Parse(line.Split('=')[1], null));
            Assert.Equal(sum, fired + slices.Where(each => each.Key == key).Sum(each => each.Accumulator));
        }
    }

    [Fact]
    public async Task ReadOperatorList_OfAllSubtasks_GivesTheirItems()
    {
        var reader = await StateReader.OpenAsync(_savepoint, TestContext.Current.CancellationToken);

        var held = reader.ReadOperatorList<long>("held", "held");

        Assert.NotEmpty(held);
        Assert.Equal(held.Count, reader.Operators.Single(each => each.Name == "held").Lists[0].Items);
        Assert.DoesNotContain(held, each => _job.Committed.Contains($"held {each}"));
    }

    [Fact]
    public async Task ReadJsonAsync_OfEveryState_GivesWhatIsReadTyped()
    {
        var reader = await StateReader.OpenAsync(_savepoint, TestContext.Current.CancellationToken);
        var sums = await reader.ReadMapsAsync<long, long, long>("buckets", "sums").ToDictionaryAsync(each => each.Key, each => each.Entries, cancellationToken: TestContext.Current.CancellationToken);
        var seen = await reader.ReadListsAsync<long, long>("buckets", "seen").ToDictionaryAsync(each => each.Key, each => each.Items, cancellationToken: TestContext.Current.CancellationToken);
        var timers = await reader.ReadTimersAsync<long>("buckets").ToListAsync(TestContext.Current.CancellationToken);

        var entries = await reader.ReadJsonAsync("buckets").ToListAsync(TestContext.Current.CancellationToken);
        var accumulators = await reader.ReadJsonAsync("sums", "accumulator").ToListAsync(TestContext.Current.CancellationToken);

        Assert.All(entries.Where(each => each.State == "sums"), each => Assert.Equal(
            sums[long.Parse(each.Key, null)].OrderBy(entry => entry.Key),
            Json(each).EnumerateArray().Select(entry => KeyValuePair.Create(entry.GetProperty("key").GetInt64(), entry.GetProperty("value").GetInt64())).OrderBy(entry => entry.Key)));
        Assert.All(entries.Where(each => each.State == "seen"), each => Assert.Equal(seen[long.Parse(each.Key, null)], Json(each).EnumerateArray().Select(item => item.GetInt64())));
        Assert.Equal(
            timers.Select(each => each.Timestamp).Order(),
            entries.Where(each => each.Kind == "timers").SelectMany(each => Json(each).GetProperty("timestamps").EnumerateArray().Select(time => time.GetInt64())).Order());
        Assert.Equal(EveryStateJob.Keys, entries.Count(each => each.State == "ballast"));
        Assert.All(accumulators, each => Assert.Equal(each.Key, Json(each).GetProperty("Item1").GetRawText()));
    }

    [Fact]
    public async Task MeasureAsync_OfAnOperator_CountsTheRowsOfEachStateByKeyGroup()
    {
        var reader = await StateReader.OpenAsync(_savepoint, TestContext.Current.CancellationToken);
        var entries = await reader.ReadJsonAsync("buckets", "ballast").ToListAsync(TestContext.Current.CancellationToken);

        var sizes = await reader.MeasureAsync("buckets").Where(each => each.State == "ballast").ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(entries.GroupBy(each => each.KeyGroup).Select(group => (group.Key, (long)group.Count())).Order(), sizes.Select(each => (each.KeyGroup, each.Rows)).Order());
        Assert.All(sizes, each => Assert.InRange(each.Bytes, each.Rows * 6_000, each.Rows * 6_100));
    }

    [Fact]
    public async Task Read_WithTheWrongNameOrType_SaysWhatThereIs()
    {
        var reader = await StateReader.OpenAsync(_savepoint, TestContext.Current.CancellationToken);

        var noOperator = await Assert.ThrowsAsync<StreamKitException>(async () => await reader.ReadValuesAsync<long, long>("bucket", "all").AnyAsync());
        var noState = await Assert.ThrowsAsync<StreamKitException>(async () => await reader.ReadValuesAsync<long, long>("buckets", "everything").AnyAsync());
        var otherKind = await Assert.ThrowsAsync<StreamKitException>(async () => await reader.ReadListsAsync<long, long>("buckets", "all").AnyAsync());
        var otherType = await Assert.ThrowsAsync<StreamKitException>(async () => await reader.ReadValuesAsync<long, string>("buckets", "all").AnyAsync());
        var otherKey = await Assert.ThrowsAsync<StreamKitException>(async () => await reader.ReadValuesAsync<string, long>("buckets", "all").AnyAsync());

        Assert.Contains("There is no operator 'bucket' in checkpoint", noOperator.Message, StringComparison.Ordinal);
        Assert.Contains("has no keyed state 'everything'. It has: ", noState.Message, StringComparison.Ordinal);
        Assert.Contains("State 'all' is Reducing state in the checkpoint, but", otherKind.Message, StringComparison.Ordinal);
        Assert.Contains("it was int64, now string", otherType.Message, StringComparison.Ordinal);
        Assert.Contains("The keys of operator 'buckets' are int64, not string.", otherKey.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task VerifyAsync_OfDamage_NamesTheObject()
    {
        var reader = await StateReader.OpenAsync(_savepoint, TestContext.Current.CancellationToken);
        var bytes = await reader.VerifyAsync(TestContext.Current.CancellationToken);
        var name = _savepoint.Names.First(each => each != SavepointNames.Entry);
        var length = _savepoint.Content(name).Length;
        Assert.True(bytes > length);
        // Some bytes of blocks, and all parts of the last segment behind them: filters, index and footer.
        foreach (var at in Enumerable.Range(0, 20).Select(i => i * length / 20).Concat(Enumerable.Range(1, 300).Where(i => i % 3 == 0).Select(i => length - i)))
        {
            _savepoint.Damage(name, content => Flip(content, at));

            var damage = await Assert.ThrowsAsync<CheckpointDamagedException>(() => reader.VerifyAsync());

            Assert.Equal(name, damage.ObjectName);
            _savepoint.Damage(name, content => Flip(content, at));
        }
    }

    private static byte[] Flip(byte[] content, int at)
    {
        content[at] ^= 1;
        return content;
    }

    private static JsonElement Json(StoredEntry entry) => JsonDocument.Parse(entry.Value).RootElement;
}
