using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Connectors;

/// <summary>Connectors in whole jobs.</summary>
public class ConnectorJobTests
{
    internal sealed record Reading(long Id, DateTimeOffset At, string Sensor, decimal Value);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Job_CsvToJsonLines_WritesEveryRecordOnce(int parallelism)
    {
        using var folder = new TemporaryFolder();
        List<Reading> readings = await WriteAsync(folder["input.csv"], 2000);
        StreamJobBuilder builder = Builder(folder, parallelism);
        builder.FromSource("input", FileSource.Csv<Reading>(folder["input.csv"], o => o.ChunkSize = 4096)).SinkTo("output", FileSink.JsonLines<Reading>(folder["out"]));

        await using (StreamJob job = builder.Build())
            await job.RunAsync();

        Assert.Equal(readings, (await FileSource.JsonLines<Reading>(folder["out"]).ReadAllAsync()).OrderBy(each => each.Id));
        Assert.All(Directory.GetFiles(folder["out"]), file => Assert.EndsWith(".jsonl", file, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Job_UserCodeFailsOnTheWay_WritesAndCollectsEveryRecordOnce()
    {
        using var folder = new TemporaryFolder();
        List<Reading> readings = await WriteAsync(folder["input.csv"], 3000);
        int failures = 0;
        int seen = 0;
        StreamJobBuilder builder = Builder(folder, 2);
        builder.UseCheckpoints(new FileCheckpointStore(folder["checkpoints"]), TimeSpan.FromMilliseconds(50));
        DataStream<Reading> stream = builder
            .FromSource("input", FileSource.Csv<Reading>(folder["input.csv"], o => o.ChunkSize = 4096).WithRateLimit(4000))
            .Map(reading =>
            {
                // Three times, each further on than the last.
                if (Interlocked.Increment(ref seen) % 1100 == 0 && failures < 3)
                {
                    failures++;
                    throw new InvalidOperationException("on purpose");
                }

                return reading;
            });
        stream.SinkTo("output", FileSink.Csv<Reading>(folder["out"], o => o.MaxRecordsPerFile = 100));
        stream.CollectTo(out CollectedResults<Reading> collected);

        await using (StreamJob job = builder.Build())
            await job.RunAsync();

        Assert.True(failures > 0);
        Assert.Equal(readings, (await FileSource.Csv<Reading>(folder["out"]).ReadAllAsync()).OrderBy(each => each.Id));
        Assert.Equal(readings, collected.OrderBy(each => each.Id));
        Assert.DoesNotContain(Directory.GetFiles(folder["out"]), file => Path.GetFileName(file).StartsWith('.'));
    }

    [Fact]
    public async Task Job_MalformedLines_GoToTheSideOutput()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["input.csv"], "id,name\n1,a\nx,b\n3,c\n");
        StreamJobBuilder builder = Builder(folder, 2);
        DataStream<MalformedLineTests.Pair> stream = builder.FromSource("input", FileSource.Csv<MalformedLineTests.Pair>(folder["input.csv"], o => o.OnMalformed = MalformedLines.ToSideOutput));
        stream.CollectTo(out CollectedResults<MalformedLineTests.Pair> pairs);
        stream.SideOutput(FileSource.Malformed).CollectTo(out CollectedResults<MalformedLine> malformed);

        await using (StreamJob job = builder.Build())
            await job.RunAsync();

        Assert.Equal([new(1, "a"), new(3, "c")], pairs);
        Assert.Equal((3, "x,b"), (Assert.Single(malformed).Line, malformed[0].Text));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Job_StripedFileInOrder_HasNoLateRecords(int parallelism)
    {
        using var folder = new TemporaryFolder();
        await WriteAsync(folder["input.csv"], 5000);
        StreamJobBuilder builder = Builder(folder, parallelism);
        DataStream<bool> late = builder
            .FromSource("input", FileSource.Csv<Reading>(folder["input.csv"], o => (o.ChunkSize, o.BufferSize) = (2000, 1000)))
            .AssignTimestampsAndWatermarks(w => w.BoundedOutOfOrderness(TimeSpan.Zero).WithTimestamp(reading => reading.At))
            .Process("late", () => new IsLate());
        late.CollectTo(out CollectedResults<bool> results);

        await using (StreamJob job = builder.Build())
            await job.RunAsync();

        Assert.Equal(5000, results.Count);
        Assert.DoesNotContain(true, results);
    }

    [Fact]
    public void Build_OptionsOfTheSourceAndFolderThatIsAFile_AreReportedTogether()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["out"], "");
        StreamJobBuilder builder = Builder(folder, 1);
        builder.FromSource("input", FileSource.JsonLines<int>(folder["in.jsonl"], o => o.ChunkSize = 0)).SinkTo("output", FileSink.JsonLines<int>(folder["out"]));

        StreamKitException e = Assert.ThrowsAny<StreamKitException>(() => builder.Build());

        Assert.Contains("ChunkSize is 0", e.Message, StringComparison.Ordinal);
        Assert.Contains("is a file", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Job_MissingFile_FailsAtItsStartNamingIt()
    {
        using var folder = new TemporaryFolder();

        StreamKitException e = await Assert.ThrowsAsync<StreamKitException>(() => RunAsync(folder, folder["missing.jsonl"]));

        Assert.Contains("missing.jsonl", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FinishedJob_InputGone_RunsAgainWithoutAWord()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["in.jsonl"], "1\n2\n");
        await RunAsync(folder, folder["in.jsonl"]);
        File.Delete(folder["in.jsonl"]);

        await RunAsync(folder, folder["in.jsonl"]);

        Assert.Equal([1, 2], await FileSource.JsonLines<int>(folder["out"]).ReadAllAsync());
    }

    [Fact]
    public async Task StoppedJob_GivenAnotherFile_FailsAtOnceNamingBoth()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder["old.jsonl"], Enumerable.Range(0, 1000).Select(i => $"{i}"));
        await File.WriteAllLinesAsync(folder["new.jsonl"], Enumerable.Range(5000, 1000).Select(i => $"{i}"));
        await RunAsync(folder, folder["old.jsonl"], stopBehind: 100);

        JobFailedException e = await Assert.ThrowsAsync<JobFailedException>(() => RunAsync(folder, folder["new.jsonl"]));

        Assert.Single(e.Failures);
        Assert.IsType<InputChangedException>(e.InnerException?.InnerException);
        Assert.Contains(folder["old.jsonl"], e.Message, StringComparison.Ordinal);
        Assert.Contains(folder["new.jsonl"], e.Message, StringComparison.Ordinal);
        await RunAsync(folder, folder["old.jsonl"]);
        Assert.Equal(Enumerable.Range(0, 1000), await FileSource.JsonLines<int>(folder["out"]).ReadAllAsync());
    }

    [Fact]
    public async Task StoppedJob_FolderWithANewFile_GoesOnWithTheOldOnes()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["in"]);
        await File.WriteAllLinesAsync(folder["in", "b.jsonl"], Enumerable.Range(0, 1000).Select(i => $"{i}"));
        await RunAsync(folder, folder["in"], stopBehind: 100);
        await File.WriteAllLinesAsync(folder["in", "a.jsonl"], ["5000"]);

        await RunAsync(folder, folder["in"]);

        Assert.Equal(Enumerable.Range(0, 1000), await FileSource.JsonLines<int>(folder["out"]).ReadAllAsync());
    }

    /// <summary>Copies the input to the folder 'out', with checkpoints and with restarts; stops the job, if so asked, when so many records are through.</summary>
    private static async Task RunAsync(TemporaryFolder folder, string input, int stopBehind = int.MaxValue)
    {
        StreamJobBuilder builder = Builder(folder, 1);
        builder.UseCheckpoints(new FileCheckpointStore(folder["checkpoints"]), TimeSpan.FromHours(1));
        builder.RestartStrategy = RestartStrategy.FixedDelay(3, TimeSpan.Zero);
        int seen = 0;
        var reached = new TaskCompletionSource();
        Source<int> source = FileSource.JsonLines<int>(input);
        builder
            .FromSource("input", stopBehind == int.MaxValue ? source : source.WithRateLimit(1000))
            .Map(number =>
            {
                if (++seen == stopBehind)
                    reached.SetResult();
                return number;
            })
            .SinkTo("output", FileSink.JsonLines<int>(folder["out"]));
        await using StreamJob job = builder.Build();
        Task run = job.RunAsync();
        if (await Task.WhenAny(run, reached.Task) == reached.Task)
            await job.StopAsync();
        await run;
    }

    private static StreamJobBuilder Builder(TemporaryFolder folder, int parallelism)
    {
        StreamJobBuilder builder = StreamJob.CreateBuilder("connectors " + Path.GetFileName(folder.Path));
        builder.Parallelism = parallelism;
        return builder;
    }

    private static async Task<List<Reading>> WriteAsync(string path, int count)
    {
        var start = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
        List<Reading> readings = [.. Enumerable.Range(0, count).Select(i => new Reading(i, start.AddMilliseconds(i), $"sensor, {i % 10}", i / 100m))];
        await File.WriteAllLinesAsync(path, readings.Select(each => $"{each.Id},{each.At:yyyy-MM-dd'T'HH:mm:ss.fff'Z'},\"{each.Sensor}\",{each.Value}").Prepend("id,at,sensor,value"));
        return readings;
    }

    private sealed class IsLate : ProcessFunction<Reading, bool>
    {
        public override void Process(Reading value, Context context) => context.Collect(context.Timestamp <= context.Watermark);
    }
}
