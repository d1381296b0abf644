using System.Text.Json.Nodes;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Judges;

/// <summary>Each query run whole, with checkpoints, and resumed: always the rows that Arroyo expects.</summary>
public sealed class ArroyoTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streamkit-arroyo-").FullName;

    public static TheoryData<string> Queries =>
        ["hourly_by_event_type", "tight_watermark", "month_loose_watermark", "most_active_driver_last_hour", "sliding_window_end"];

    private string Output => Path.Combine(_folder, "out");

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task Query_RunWhole_GivesTheExpectedRows(string query)
    {
        await using var job = Build(query, parallelism: 1, gate: null, hasCheckpoints: false);

        await job.RunAsync();

        Assert.Equal(Expected(query), Rows());
    }

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task Query_WithThreeCheckpointsAtParallelism2_GivesTheExpectedRows(string query)
    {
        var records = InputLength(query);
        var gate = new Gate();
        await using var job = Build(query, parallelism: 2, gate);

        await job.StartAsync();
        for (var quarter = 1; quarter <= 3; quarter++)
        {
            gate.Open(records / 4);
            await UntilAsync(job, records / 4 * quarter);
            await job.TriggerCheckpointAsync();
        }

        gate.OpenWide();
        await job.WaitAsync();

        Assert.InRange(job.GetMetrics().CompletedCheckpoints, 4, long.MaxValue); // the final one is the fourth
        Assert.Equal(Expected(query), Rows());
    }

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task Query_StoppedAndResumedAtParallelism3_GivesTheExpectedRows(string query)
    {
        var records = InputLength(query);
        var gate = new Gate();
        await using (var first = Build(query, parallelism: 2, gate))
        {
            gate.Open(records / 2);
            await first.StartAsync();
            await UntilAsync(first, records / 2);
            await first.StopAsync();

            Assert.Equal(JobStatus.Stopped, first.Status);
        }

        var midway = Rows();
        await using var second = Build(query, parallelism: 3, gate: null);
        await second.RunAsync();

        Assert.InRange(midway.Length, 0, Expected(query).Length - 1);
        Assert.InRange(second.GetMetrics().Operator(ArroyoJob.Source).RecordsOut, 1, records - 1);
        Assert.Equal(Expected(query), Rows());
    }

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task Query_CrashedAndResumedAtParallelism3_GivesTheExpectedRows(string query)
    {
        var records = InputLength(query);
        var gate = new Gate();
        await using (var first = Build(query, parallelism: 2, gate))
        {
            gate.Open(records / 3);
            await first.StartAsync();
            await UntilAsync(first, records / 3);
            await first.TriggerCheckpointAsync();
            gate.Open((records / 2) - (records / 3));
            await UntilAsync(first, records / 2);
        }

        await using var second = Build(query, parallelism: 3, gate: null);
        await second.RunAsync();

        Assert.InRange(second.GetMetrics().Operator(ArroyoJob.Source).RecordsOut, records / 2, records - 1);
        Assert.Equal(Expected(query), Rows());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private StreamJob Build(string query, int parallelism, Gate? gate, bool hasCheckpoints = true)
    {
        var builder = StreamJob.CreateBuilder(query);
        builder.Parallelism = parallelism;
        if (hasCheckpoints)
        {
            builder.UseCheckpoints(new FileCheckpointStore(Path.Combine(_folder, "checkpoints")));
            builder.Checkpoints.Interval = null;
        }

        ArroyoJob.Describe(builder, query, Output, gate);
        return builder.Build();
    }

    /// <summary>Waits until the source has given so many records.</summary>
    private static async Task UntilAsync(StreamJob job, long records)
    {
        while (job.GetMetrics().Operator(ArroyoJob.Source).RecordsOut < records)
        {
            Assert.True(job.Status == JobStatus.Running, $"The job is {job.Status} before it has read {records} records.");
            await Task.Delay(1);
        }
    }

    private static int InputLength(string query) => File.ReadLines(ArroyoJob.PathOf(query == "sliding_window_end" ? "impulse.json" : "cars.json")).Count();

    private static string[] Expected(string query) => Sorted(File.ReadLines(ArroyoJob.PathOf($"{query}.expected.json")));

    private string[] Rows() => Directory.Exists(Output) ? Sorted(Directory.GetFiles(Output, "*.jsonl").SelectMany(File.ReadLines)) : [];

    /// <summary>Rows with their members in the order of their names, sorted.</summary>
    private static string[] Sorted(IEnumerable<string> lines) =>
        [.. lines.Select(line => new JsonObject(JsonNode.Parse(line)!.AsObject().OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => KeyValuePair.Create(each.Key, each.Value?.DeepClone()))).ToJsonString()).Order(StringComparer.Ordinal)];
}
