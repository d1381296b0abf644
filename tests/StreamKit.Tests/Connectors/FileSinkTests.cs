using System.Text.Json;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Connectors;

public class FileSinkTests
{
    internal enum Level
    {
        Low,
        High,
    }

    internal sealed record Sample(int Id, string Text, string? Note, decimal Amount, double? Ratio, Level Level, bool Ok, DateTimeOffset At, DateTime On, DateOnly Day, TimeOnly Time, TimeSpan Span, Guid Key);

    private static readonly Sample[] s_samples =
    [
        new(1, "plain", null, 12.50m, 0.1, Level.High, true, new(2024, 5, 17, 8, 30, 0, 250, TimeSpan.Zero), new(2024, 5, 17, 8, 30, 0, DateTimeKind.Utc), new(2024, 2, 29), new(23, 59, 1), TimeSpan.FromMinutes(61), Guid.Empty),
        new(-2, "a,\"b\"\r\nc", "", -0.01m, null, Level.Low, false, new(2024, 5, 17, 8, 30, 0, TimeSpan.FromHours(-3.5)), DateTime.UnixEpoch, DateOnly.MinValue, TimeOnly.MaxValue, -TimeSpan.FromTicks(1), new Guid("0f8fad5b-d9cb-469f-a165-70867728950e")),
        new(int.MaxValue, "", "ö𝄞 'x'", decimal.MaxValue, double.Epsilon, Level.High, true, DateTimeOffset.MaxValue, DateTime.MaxValue.ToUniversalTime(), DateOnly.MaxValue, TimeOnly.MinValue, TimeSpan.MaxValue, Guid.AllBitsSet),
    ];

    [Fact]
    public async Task JsonLines_Written_AreReadBackByTheSource()
    {
        using var folder = new TemporaryFolder();
        var harness = new SinkHarness<Sample>(FileSink.JsonLines<Sample>(folder["out"]));

        await harness.StartAsync();
        await harness.WriteAsync(s_samples);
        await harness.CheckpointAsync();

        Assert.Equal(s_samples, await FileSource.JsonLines<Sample>(folder["out"]).ReadAllAsync());
    }

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    [InlineData('-')]
    public async Task Csv_Written_IsReadBackByTheSource(char delimiter)
    {
        using var folder = new TemporaryFolder();
        var harness = new SinkHarness<Sample>(FileSink.Csv<Sample>(folder["out"], o => o.Delimiter = delimiter));

        await harness.StartAsync();
        await harness.WriteAsync(s_samples);
        await harness.CheckpointAsync();

        Assert.Equal(s_samples, await FileSource.Csv<Sample>(folder["out"], o => o.Delimiter = delimiter).ReadAllAsync());
    }

    [Fact]
    public async Task JsonLines_Defaults_AreCamelCaseOnOneLineWithPlainCharacters()
    {
        using var folder = new TemporaryFolder();
        var harness = new SinkHarness<object>(FileSink.JsonLines<object>(folder["out"], o => o.Json = new JsonSerializerOptions(o.Json) { WriteIndented = true }));

        await harness.StartAsync();
        await harness.WriteAsync(new { CardNumber = "Café <1>\n", Amount = 12.50m });
        await harness.CheckpointAsync();

        Assert.Equal("{\"cardNumber\":\"Café <1>\\n\",\"amount\":12.50}\n", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(folder["out"]))));
    }

    [Fact]
    public async Task Write_BeforeTheCommit_ShowsNoFileWithoutADot()
    {
        using var folder = new TemporaryFolder();
        var harness = new SinkHarness<int>(FileSink.JsonLines<int>(folder["out"], o => o.BufferSize = 1));
        await harness.StartAsync();

        await harness.WriteAsync(1, 2);
        string[] written = Names(folder["out"]);
        await harness.PrepareAsync();
        string[] prepared = Names(folder["out"]);
        harness.CompleteCheckpoint();
        await harness.CommitAsync();

        Assert.StartsWith(".", Assert.Single(written), StringComparison.Ordinal);
        Assert.Equal(written, prepared);
        Assert.Matches(@"^part-out-0f8fad5b-1-0-0001\.jsonl$", Assert.Single(Names(folder["out"])));
    }

    [Fact]
    public async Task Write_BeyondTheLimits_RollsToFurtherFilesOfTheTransaction()
    {
        using var folder = new TemporaryFolder();
        var byRecords = new SinkHarness<int>(FileSink.JsonLines<int>(folder["records"], o => o.MaxRecordsPerFile = 3));
        var bySize = new SinkHarness<int>(FileSink.JsonLines<int>(folder["size"], o => (o.MaxFileSize, o.BufferSize) = (10, 1)));

        foreach (SinkHarness<int> harness in new[] { byRecords, bySize })
        {
            await harness.StartAsync();
            await harness.WriteAsync(Enumerable.Range(0, 5));
            await harness.WriteAsync(Enumerable.Range(5, 5));
            await harness.CheckpointAsync();
        }

        Assert.Equal([3, 3, 3, 1], Directory.GetFiles(folder["records"]).Order().Select(file => File.ReadLines(file).Count()));
        Assert.Equal([5, 5], Directory.GetFiles(folder["size"]).Order().Select(file => File.ReadLines(file).Count()));
        Assert.Equal(Enumerable.Range(0, 10), (await FileSource.JsonLines<int>(folder["size"]).ReadAllAsync()).Order());
    }

    [Fact]
    public async Task PrepareCommit_WhileRowsAreWritten_KeepsThemForTheNext()
    {
        using var folder = new TemporaryFolder();
        var harness = new SinkHarness<int>(FileSink.JsonLines<int>(folder["out"], o => o.BufferSize = 1));
        await harness.StartAsync();
        await harness.WriteAsync(1);

        Task preparing = harness.PrepareAsync();
        await harness.WriteAsync(2);
        await preparing;
        harness.CompleteCheckpoint();
        await harness.CommitAsync();

        Assert.Equal([1], await FileSource.JsonLines<int>(folder["out"]).ReadAllAsync());
        harness.Checkpoint.Clear();
        await harness.CheckpointAsync();
        Assert.Equal([1, 2], (await FileSource.JsonLines<int>(folder["out"]).ReadAllAsync()).Order());
    }

    [Fact]
    public async Task PrepareCommit_NothingWritten_MakesNothing()
    {
        using var folder = new TemporaryFolder();
        var harness = new SinkHarness<int>(FileSink.JsonLines<int>(folder["out"]));

        await harness.StartAsync();
        await harness.CheckpointAsync();

        Assert.False(Directory.Exists(folder["out"]));
    }

    [Fact]
    public async Task Write_ValueThatCannotBeSerialized_LeavesWholeLinesOnly()
    {
        using var folder = new TemporaryFolder();
        var harness = new SinkHarness<Treacherous>(FileSink.JsonLines<Treacherous>(folder["out"]));
        await harness.StartAsync();

        harness.Writer.Write(new(1), 0);
        Assert.Throws<FormatException>(() => harness.Writer.Write(new(-1), 0));
        harness.Writer.Write(new(2), 0);
        await harness.CheckpointAsync();
        await harness.Writer.DisposeAsync();

        Assert.Equal("{\"first\":1,\"second\":1}\n{\"first\":2,\"second\":2}\n", await File.ReadAllTextAsync(Directory.GetFiles(folder["out"]).Single()));
    }

    [Fact]
    public async Task Dispose_Writer_RemovesWhatWasNotPreparedOnly()
    {
        using var folder = new TemporaryFolder();
        var harness = new SinkHarness<int>(FileSink.JsonLines<int>(folder["out"], o => o.BufferSize = 1));
        await harness.StartAsync();
        await harness.WriteAsync(1);
        await harness.PrepareAsync();
        string[] prepared = Names(folder["out"]);

        await harness.WriteAsync(2);
        await harness.Writer.DisposeAsync();

        Assert.Equal(prepared, Names(folder["out"]));
    }

    private static string[] Names(string folder) => [.. Directory.GetFiles(folder).Select(Path.GetFileName).Order()!];

    private sealed class Treacherous(int value)
    {
        public int First => value;

        public int Second => value < 0 ? throw new FormatException("no") : value;
    }
}
