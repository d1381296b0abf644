using System.Text.Json;
using StreamKit.Tests.Runtime.Evolution;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.StateProcessing;

/// <summary>Reads state of which some rows were written by an older version of their type.</summary>
public class OlderRowsTests
{
    private readonly InMemoryCheckpointStore _savepoint = new();

    public OlderRowsTests()
    {
        var before = new InMemoryCheckpointStore();
        Run(1, builder => EvolvingJob.Describe<Row1>(builder, new InMemoryCheckpointStore(), EvolvingJob.NewWorld(), 1), before, TimeSpan.FromMilliseconds(330));
        Run(
            2,
            builder =>
            {
                EvolvingJob.Describe<Row2>(builder, new InMemoryCheckpointStore(), EvolvingJob.NewWorld(), 1);
                builder.RestoreFrom(before);
            },
            _savepoint,
            TimeSpan.FromMilliseconds(4));
    }

    [Fact]
    public async Task ReadJsonAsync_OfAMapWithEntriesOfTwoVersions_GivesEachAsItWasWritten()
    {
        var reader = await StateReader.OpenAsync(_savepoint, TestContext.Current.CancellationToken);

        var json = await reader.ReadJsonAsync("states", "map").ToListAsync(TestContext.Current.CancellationToken);
        var typed = await reader.ReadMapsAsync<long, int, Row2>("states", "map").ToDictionaryAsync(static each => each.Key, static each => each.Entries, cancellationToken: TestContext.Current.CancellationToken);

        var mixed = 0;
        foreach (var each in json)
        {
            var entries = JsonDocument.Parse(each.Value).RootElement.EnumerateArray().ToList();
            var older = entries.Count(static entry => entry.GetProperty("value").TryGetProperty("Sum", out _));
            mixed += older > 0 && older < entries.Count ? 1 : 0;
            Assert.Equal(
                typed[long.Parse(each.Key, null)].OrderBy(static entry => entry.Key).Select(static entry => (entry.Key, entry.Value.Total)),
                entries.Select(static entry => (entry.GetProperty("key").GetInt32(), SumOf(entry.GetProperty("value")))).Order());
        }

        Assert.Equal(EvolvingJob.Keys, json.Count);
        Assert.InRange(mixed, 1, EvolvingJob.Keys);
    }

    [Fact]
    public async Task ReadJsonAsync_OfListsAndOfValuesThatExpire_GivesBothVersions()
    {
        var reader = await StateReader.OpenAsync(_savepoint, TestContext.Current.CancellationToken);

        var lists = await reader.ReadJsonAsync("states", "list").ToDictionaryAsync(static each => each.Key, static each => JsonDocument.Parse(each.Value).RootElement.EnumerateArray().Select(SumOf).ToList(), cancellationToken: TestContext.Current.CancellationToken);
        var values = await reader.ReadJsonAsync("states", "value").ToDictionaryAsync(static each => each.Key, static each => SumOf(JsonDocument.Parse(each.Value).RootElement), cancellationToken: TestContext.Current.CancellationToken);
        var timed = await reader.ReadJsonAsync("states", "timed").ToListAsync(TestContext.Current.CancellationToken);
        var typed = await reader.ReadValuesAsync<long, Row2>("states", "timed").ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(EvolvingJob.Keys, lists.Count);
        Assert.All(lists, each => Assert.Equal(values[each.Key], each.Value.Sum()));
        Assert.All(timed, each => Assert.Equal(values[each.Key], SumOf(JsonDocument.Parse(each.Value).RootElement)));
        Assert.Equal(timed.Select(static each => each.Key).Order(), typed.Select(static each => $"{each.Key}").Order());
        Assert.All(typed, each => Assert.Equal(values[$"{each.Key}"], each.Value.Total));
    }

    private static long SumOf(JsonElement row) => (row.TryGetProperty("Sum", out var sum) ? sum : row.GetProperty("Total")).GetInt64();

    private static void Run(ulong seed, Action<StreamJobBuilder> describe, InMemoryCheckpointStore savepoint, TimeSpan length)
    {
        var job = new SimulatedJob(seed, DateTimeOffset.UnixEpoch, describe);
        while (job.Job.Status != JobStatus.Running)
            job.Step(1);
        var until = job.Now + length;
        while (job.Now < until)
            job.Step(1);
        var taken = job.Job.StopWithSavepointAsync(savepoint);
        job.Complete();
        taken.GetAwaiter().GetResult();
    }
}
