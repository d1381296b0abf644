using System.Text;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Connectors;

public class MalformedLineTests
{
    internal sealed record Pair(int Id, string Name);

    [Theory]
    [InlineData("id,name\n1,a\nx,b\n", 3, 1, "Column 'id' holds 'x', expected a number (Int32).")]
    [InlineData("id,name\n1,a\r\n2\r\n", 3, 1, "The record has 1 fields, expected 2: id, name.")]
    [InlineData("id,name\n1,a,b\n", 2, 1, "The record has 3 fields")]
    [InlineData("id,name\n\n\n1,ö\"b\n", 4, 4, "There is a quote inside a field that does not begin with one.")]
    [InlineData("id,name\n1,\"a\"b\n", 2, 6, "There is text between a closing quote and the end of its field.")]
    [InlineData("id,name\n1,\"a\n2,b\n3,c", 2, 3, "The quote here is never closed.")]
    [InlineData("id,name\n1,\"a\nb\"\n\"x\ny\",b", 4, 2, "Column 'id' holds 'x\ny', expected a number")]
    [InlineData("id,name\n99999999999,b", 2, 1, "Column 'id' holds '99999999999', expected a number (Int32).")]
    [InlineData("\uFEFFid,name\n,b", 2, 1, "Column 'id' holds '', expected a number (Int32).")]
    [InlineData("id,name\n1,abcdefghijklmnopqrstuvwxyz0123456789", 2, 1, "longer than 32 bytes")]
    public async Task Csv_MalformedLine_FailsWithItsPlace(string text, int line, int column, string error)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["input.csv"], text);

        MalformedInputException e = await Assert.ThrowsAsync<MalformedInputException>(() => FileSource.Csv<Pair>(folder["input.csv"], o => (o.BufferSize, o.MaxLineLength) = (16, 32)).ReadAllAsync());

        Assert.Equal((folder["input.csv"], line, column), (e.Malformed.Path, e.Malformed.Line, e.Malformed.Column));
        Assert.Contains(error, e.Malformed.Error, StringComparison.Ordinal);
        Assert.Contains($"'{folder["input.csv"]}', line {line}, column {column}: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_InvalidUtf8_IsMalformed()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder["input.csv"], [.. "id,name\n1,"u8, 0xC3, 0x28, .. "\n"u8]);

        MalformedInputException e = await Assert.ThrowsAsync<MalformedInputException>(() => FileSource.Csv<Pair>(folder["input.csv"]).ReadAllAsync());

        Assert.Contains("expected UTF-8 text", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_ConstructorThatRefuses_IsMalformed()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["input.csv"], "age\n1\n-1\n");

        MalformedInputException e = await Assert.ThrowsAsync<MalformedInputException>(() => FileSource.Csv<CsvReadingTests.Checked>(folder["input.csv"]).ReadAllAsync());

        Assert.Contains("'Checked' refuses the values: Nobody is that young.", e.Message, StringComparison.Ordinal);
        Assert.Equal(3, e.Malformed.Line);
    }

    [Theory]
    [InlineData("{\"id\":1,\"name\":\"a\"}\n{\"id\":x}\n", 2, 7)]
    [InlineData("\n\n{\"id\":1,\"name\":\"ö\",}\r\n", 3, 20)]
    [InlineData("null", 1, 1)]
    [InlineData("{\"id\":1,\"name\":\"a\"}{}", 1, 20)]
    [InlineData("{\"id\":1,\"name\":\"abcdefghijklmnopqrstuvwxyz\"}", 1, 1)]
    public async Task JsonLines_MalformedLine_FailsWithItsPlace(string text, int line, int column)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["input.jsonl"], text);

        MalformedInputException e = await Assert.ThrowsAsync<MalformedInputException>(() => FileSource.JsonLines<Pair>(folder["input.jsonl"], o => (o.BufferSize, o.MaxLineLength) = (16, 32)).ReadAllAsync());

        Assert.Equal((line, column), (e.Malformed.Line, e.Malformed.Column));
        Assert.DoesNotContain("LineNumber", e.Message, StringComparison.Ordinal);
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Csv_MalformedLinesTolerated_GiveEveryOtherLineFromEveryPosition(int seed)
    {
        var random = new Random(seed);
        string[] bad = ["x,b", "1", "1,a,b,c", "1,a\"b", "1,\"a\"b", "1,\"never closed", "1," + new string('z', 90)];
        var lines = new List<string>();
        var expected = new List<Pair>();
        var expectedBad = new List<(int Line, string Text)>();
        for (int i = 0; i < 30; i++)
        {
            if (random.Next(3) == 0)
            {
                lines.Add(bad[random.Next(bad.Length)]);
                expectedBad.Add((lines.Count + 1, lines[^1]));
            }
            else
            {
                lines.Add($"{i},name{i}");
                expected.Add(new Pair(i, $"name{i}"));
            }
        }

        await CheckToleratedAsync(folder => FileSource.Csv<Pair>(folder, o => (o.BufferSize, o.MaxLineLength, o.OnMalformed) = (random.Next(16, 200), 64, MalformedLines.ToSideOutput)), "id,name\n" + string.Join('\n', lines), expected, expectedBad);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task JsonLines_MalformedLinesTolerated_GiveEveryOtherLineFromEveryPosition(int seed)
    {
        var random = new Random(seed);
        string[] bad = ["x", "{\"id\":\"\"}", "null", "[]", new string('z', 90)];
        var lines = new List<string>();
        var expected = new List<Pair>();
        var expectedBad = new List<(int Line, string Text)>();
        for (int i = 0; i < 30; i++)
        {
            bool isBad = random.Next(3) == 0;
            lines.Add(isBad ? bad[random.Next(bad.Length)] : $"{{\"id\":{i},\"name\":\"n\"}}");
            if (isBad)
                expectedBad.Add((lines.Count, lines[^1]));
            else
                expected.Add(new Pair(i, "n"));
        }

        await CheckToleratedAsync(folder => FileSource.JsonLines<Pair>(folder, o => (o.BufferSize, o.MaxLineLength, o.OnMalformed, o.ChunkSize) = (random.Next(16, 200), 64, MalformedLines.ToSideOutput, random.Next(10, 500))), string.Join('\n', lines), expected, expectedBad);
    }

    [Fact]
    public async Task Csv_NothingButMalformedLines_ComeInBoundedReads()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["input.csv"], "id,name\n" + string.Concat(Enumerable.Repeat("x\n", 1000)));
        Source<Pair> source = FileSource.Csv<Pair>(folder["input.csv"], o => o.OnMalformed = MalformedLines.ToSideOutput);

        Reading<Pair> reading = await source.ReadAsync((await source.DiscoverAsync())[0]);

        Assert.Equal(Enumerable.Range(2, 1000), reading.Malformed.Select(each => (int)each.Line));
        Assert.True(reading.Positions.Count > 3);
    }

    [Fact]
    public async Task Csv_StrayQuoteInAStripedFile_IsNamedByItsOwnLine()
    {
        using var folder = new TemporaryFolder();
        var text = new StringBuilder("id,name\n");
        for (int i = 0; i < 200; i++)
            text.Append(i == 50 ? "50,a\"b\n" : $"{i},\"n\n{i}\"\n");
        await File.WriteAllTextAsync(folder["input.csv"], text.ToString());
        Source<Pair> source = FileSource.Csv<Pair>(folder["input.csv"], o => (o.ChunkSize, o.BufferSize, o.MaxLineLength) = (64, 64, 256));
        IReadOnlyList<SourceSplit> splits = await source.DiscoverAsync();
        int named = 0;

        foreach (SourceSplit split in splits)
        {
            try
            {
                await source.ReadAsync(split);
            }
            catch (MalformedInputException e)
            {
                Assert.Equal((102, 5), (e.Malformed.Line, e.Malformed.Column));
                named++;
            }
        }

        Assert.Equal(8, splits.Count);
        Assert.InRange(named, 2, 8);
    }

    [Fact]
    public async Task Malformed_LongText_IsCut()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["input.csv"], "id,name\nx," + new string('z', 5000) + "\n1,a\n");
        Source<Pair> source = FileSource.Csv<Pair>(folder["input.csv"], o => o.OnMalformed = MalformedLines.ToSideOutput);

        Reading<Pair> reading = await source.ReadAsync((await source.DiscoverAsync())[0]);

        Assert.Equal(1024, Assert.Single(reading.Malformed).Text.Length);
        Assert.Equal([new Pair(1, "a")], reading.Records);
    }

    private static async Task CheckToleratedAsync(Func<string, Source<Pair>> make, string text, List<Pair> expected, List<(int Line, string Text)> expectedBad)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["input"], text);
        Source<Pair> source = make(folder["input"]);
        var records = new List<Pair>();
        var malformed = new List<MalformedLine>();
        foreach (SourceSplit split in await source.DiscoverAsync())
        {
            Reading<Pair> whole = await source.ReadAsync(split, batchSize: 1);
            records.AddRange(whole.Records);
            malformed.AddRange(whole.Malformed);
            foreach ((int count, int bad, SourcePosition position) in whole.Positions)
            {
                Reading<Pair> rest = await source.ReadAsync(split, position);
                Assert.Equal(whole.Records.Skip(count), rest.Records);
                Assert.Equal(whole.Malformed.Skip(bad), rest.Malformed);
            }
        }

        Assert.Equal(expected, records.OrderBy(pair => pair.Id));
        Assert.Equal(expectedBad.Select(each => each.Line), malformed.Select(each => (int)each.Line).Order());
        Assert.All(expectedBad.Zip(malformed.OrderBy(each => each.Line)), pair => Assert.StartsWith(pair.First.Text[..Math.Min(10, pair.First.Text.Length)], pair.Second.Text, StringComparison.Ordinal));
    }
}
