using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Connectors;

/// <summary>Whatever the stripes, the chunks and the buffer, a file gives what reading it from one end to the other gives, from every position.</summary>
public class FileSourceStripingTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Csv_AnyStripes_GiveEveryRecordOnceInOrder(int seed)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(seed);
        var text = new RandomText(seed);
        List<Row> rows = text.Rows(random.Next(60));
        string path = folder["input.csv"];
        await File.WriteAllTextAsync(path, text.Csv(rows));
        Source<Row> source = FileSource.Csv<Row>(path, o =>
        {
            Configure(o, random);
            o.ColumnNames["name"] = File.ReadAllText(path).Contains("na\"\"me", StringComparison.Ordinal) ? "na\"me" : "name";
            o.ColumnNames["amount"] = File.ReadAllText(path).Contains("amo\nunt", StringComparison.Ordinal) ? "amo\nunt" : "amount";
        });

        await CheckAsync(source, rows, path);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task JsonLines_AnyStripes_GiveEveryRecordOnceInOrder(int seed)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(seed);
        var text = new RandomText(seed);
        List<Row> rows = text.Rows(random.Next(60));
        string path = folder["input.jsonl"];
        await File.WriteAllTextAsync(path, text.Json(rows));
        Source<Row> source = FileSource.JsonLines<Row>(path, o => Configure(o, random));

        await CheckAsync(source, rows, path);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(199, 1)]
    [InlineData(200, 2)]
    [InlineData(201, 3)]
    [InlineData(799, 8)]
    [InlineData(100_000, 8)]
    public async Task Discover_FileOfSomeLength_HasStripesByItsLengthAlone(int length, int expected)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["input.jsonl"], new string('\n', length));
        Source<Row> source = FileSource.JsonLines<Row>(folder["input.jsonl"], o => o.ChunkSize = 100);

        IReadOnlyList<SourceSplit> one = await source.DiscoverSplitsAsync(SourceHarness.Context(parallelism: 1), default);
        IReadOnlyList<SourceSplit> three = await source.DiscoverSplitsAsync(SourceHarness.Context(parallelism: 3), default);

        Assert.Equal(expected, one.Count);
        Assert.Equal(one, three);
    }

    [Fact]
    public async Task Csv_MalformedLinesTolerated_IsOneSplit()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["input.csv"], "id,name,amount\n" + string.Concat(Enumerable.Repeat("1,a,2\n", 1000)));
        Source<Row> source = FileSource.Csv<Row>(folder["input.csv"], o => (o.ChunkSize, o.OnMalformed) = (100, MalformedLines.ToSideOutput));

        IReadOnlyList<SourceSplit> splits = await source.DiscoverAsync();

        Assert.Single(splits);
    }

    [Theory]
    [InlineData("a\"b")]
    [InlineData("a")]
    public async Task Csv_StripedByAFormerRunAndToleratedNow_IsRefused(string name)
    {
        using var folder = new TemporaryFolder();
        string path = folder["input.csv"];
        await File.WriteAllTextAsync(path, "id,name,amount\n" + string.Concat(Enumerable.Range(0, 1000).Select(i => $"{i},{(i == 500 ? name : "a")},2\n")));
        SourceSplit split = (await FileSource.Csv<Row>(path, o => o.ChunkSize = 500).DiscoverAsync())[0];
        Source<Row> source = FileSource.Csv<Row>(path, o => (o.ChunkSize, o.OnMalformed) = (500, MalformedLines.ToSideOutput));

        StreamKitException e = await Assert.ThrowsAsync<StreamKitException>(() => source.ReadAsync(split));

        Assert.True(e.IsPermanent);
        Assert.Contains($"'{path}'", e.Message, StringComparison.Ordinal);
        Assert.Contains("8 splits", e.Message, StringComparison.Ordinal);
        Assert.Contains("OnMalformed", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_OneSplitOfAFormerRunAndToleratedNow_IsRead()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["input.csv"], "id,name,amount\n1,a,2\n");
        SourceSplit split = Assert.Single(await FileSource.Csv<Row>(folder["input.csv"]).DiscoverAsync());

        Reading<Row> reading = await FileSource.Csv<Row>(folder["input.csv"], o => o.OnMalformed = MalformedLines.ToSideOutput).ReadAsync(split);

        Assert.Single(reading.Records);
    }

    private static void Configure(FileSourceOptions options, Random random)
    {
        options.ChunkSize = random.Next(7, 200);
        options.MaxSplitsPerFile = random.Next(1, 9);
        options.BufferSize = random.Next(16, 300);
    }

    private static async Task CheckAsync(Source<Row> source, List<Row> expected, string path)
    {
        int size = (int)new FileInfo(path).Length;
        var all = new List<Row>();
        foreach (SourceSplit split in await source.DiscoverAsync())
        {
            Reading<Row> whole = await source.ReadAsync(split);
            Reading<Row> single = await source.ReadAsync(split, batchSize: 1);
            Assert.Equal(whole.Records, single.Records);
            Assert.Equal(whole.Records.OrderBy(row => row.Id), whole.Records);
            foreach ((int count, _, SourcePosition position) in single.Positions.Concat(whole.Positions))
            {
                Assert.InRange(position.Offset, 0, size);
                Reading<Row> rest = await source.ReadAsync(split, position);
                Assert.Equal(whole.Records.Skip(count), rest.Records);
            }

            all.AddRange(whole.Records);
        }

        Assert.Equal(expected, all.OrderBy(row => row.Id));
    }
}
