using System.Text;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Connectors;

public class CsvReadingTests
{
    internal enum Color
    {
        Red,
        Green,
    }

    internal sealed record Pair(int Id, string Name);

    internal sealed record Numbers(byte A, sbyte B, short C, ushort D, int E, uint F, long G, ulong H, float I, double J, decimal K, Half L, Int128 M);

    internal sealed record Others(bool Ok, char Letter, string Text, Color Color, Guid Key, DateTime On, DateTimeOffset At, DateOnly Day, TimeOnly Time, TimeSpan Span, System.Net.IPAddress Address);

    internal sealed record Nullables(int? A, string? B, string C, DateTimeOffset? D, Color? E);

    internal sealed record Optional(int Id, string Name = "none", decimal Amount = 1.5m, Color Color = Color.Green, int? Rank = 7)
    {
        public string? Note { get; init; }
    }

    internal sealed class Mutable
    {
        public required int Id { get; set; }

        public string Name { get; set; } = "unset";

        public object? Ignored { get; set; }

        public int Computed => Id * 2;
    }

    internal struct Point
    {
        public int X { get; set; }

        public int Y { get; set; }
    }

    internal sealed record Checked
    {
        public Checked(int age) => Age = age >= 0 ? age : throw new ArgumentOutOfRangeException(nameof(age), "Nobody is that young.");

        public int Age { get; }
    }

    [Theory]
    [InlineData("id,name\n1,a\n2,b\n", "1a 2b")]
    [InlineData("id,name\r\n1,a\r\n2,b\r\n", "1a 2b")]
    [InlineData("id,name\n1,a\n2,b", "1a 2b")]
    [InlineData("id,name\n1,a\r\n2,b\r", "1a 2b")]
    [InlineData("\uFEFFid,name\n1,a\n", "1a")]
    [InlineData("NAME,extra,Id\na,x,1\n", "1a")]
    [InlineData("\"id\" , name \n1,a", "")]
    [InlineData(" id , name \n1,a", "1a")]
    [InlineData("\n\r\nid,name\n\n1,a\n\r\n\n2,b\n\n", "1a 2b")]
    [InlineData("id,name\n\"1\",\"a\"\"b\"\n2,\"c\nd\"\n3,\"e,f\"\n", "1a\"b 2c\nd 3e,f")]
    [InlineData("id,name\n1,\"\"\n2,\n3,\"\"\"\"\n4,\"\"\"\"\"\"\n", "1 2 3\" 4\"\"")]
    [InlineData("id,name\n 7 , a b \n", "7 a b ")]
    [InlineData("id,name\n1,ö𝄞\n", "1ö𝄞")]
    [InlineData("id,name\n+5,a\n-6,b\n007,c", "5a -6b 7c")]
    [InlineData("id,name\n", "")]
    [InlineData("id,name", "")]
    [InlineData("", "")]
    [InlineData("\uFEFF", "")]
    [InlineData("\n\n", "")]
    public async Task Csv_Text_GivesItsRecords(string text, string expected)
    {
        if (text.StartsWith('"'))
        {
            await Assert.ThrowsAsync<MalformedInputException>(() => ReadAsync<Pair>(text));
            return;
        }

        List<Pair> records = await ReadAsync<Pair>(text);

        Assert.Equal(expected, string.Join(' ', records.Select(pair => $"{pair.Id}{pair.Name}")));
    }

    [Fact]
    public async Task Csv_Numbers_AreReadWithTheInvariantCulture()
    {
        const string Text = "a,b,c,d,e,f,g,h,i,j,k,l,m\n"
            + "255,-128,-32768,65535,-2147483648,4294967295,-9223372036854775808,18446744073709551615,1.5,-2.5e-3,79228162514264337593543950335,0.5,-170141183460469231731687303715884105728\n"
            + "0,0,0,0,0,0,0,0,-0,0,-0.00,0,0\n"
            + "1,1,1,1,1,1,1,1,Infinity,1e300,0.1234567890123456789,1,1\n";

        List<Numbers> records = await ReadAsync<Numbers>(Text);

        Assert.Equal(new Numbers(255, -128, -32768, 65535, int.MinValue, uint.MaxValue, long.MinValue, ulong.MaxValue, 1.5f, -0.0025, decimal.MaxValue, (Half)0.5, Int128.MinValue), records[0]);
        Assert.Equal("0.00", Math.Abs(records[1].K).ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal((float.PositiveInfinity, 1e300, 0.1234567890123456789m), (records[2].I, records[2].J, records[2].K));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("12.50")]
    [InlineData("-0.010")]
    [InlineData("123456789012345678")]
    [InlineData("1234567890123456789")]
    [InlineData("-12345678901234567.8")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("79228162514264337593543950335")]
    [InlineData("0.0000000000000000000000000001")]
    public async Task Csv_Decimal_HasTheDigitsWritten(string text)
    {
        List<Optional> records = await ReadAsync<Optional>($"id,amount\n1,{text}\n");

        decimal expected = decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(decimal.GetBits(expected), decimal.GetBits(records[0].Amount));
    }

    [Fact]
    public async Task Csv_OtherTypes_AreReadFromTheirText()
    {
        const string Text = "ok,letter,text,color,key,on,at,day,time,span,address\n"
            + "TRUE,ö,x,green,0f8fad5b-d9cb-469f-a165-70867728950e,2024-05-17T08:30:00.250Z,2024-05-17T08:30:00.250+02:00,2024-02-29,23:59:58,1.02:03:04,::1\n"
            + "0,\",\",,0,{0f8fad5b-d9cb-469f-a165-70867728950e},2024-05-17 08:30,2024-05-17,0001-01-01,00:00,00:00:01,127.0.0.1\n";

        List<Others> records = await ReadAsync<Others>(Text);

        var key = new Guid("0f8fad5b-d9cb-469f-a165-70867728950e");
        Assert.Equal(new Others(true, 'ö', "x", Color.Green, key, new(2024, 5, 17, 8, 30, 0, 250, DateTimeKind.Utc), new(2024, 5, 17, 8, 30, 0, 250, TimeSpan.FromHours(2)), new(2024, 2, 29), new(23, 59, 58), new(1, 2, 3, 4), System.Net.IPAddress.IPv6Loopback), records[0]);
        Assert.Equal(new Others(false, ',', "", Color.Red, key, new(2024, 5, 17, 8, 30, 0, DateTimeKind.Utc), new(2024, 5, 17, 0, 0, 0, TimeSpan.Zero), default, default, TimeSpan.FromSeconds(1), System.Net.IPAddress.Loopback), records[1]);
        Assert.Equal(DateTimeKind.Utc, records[0].On.Kind);
        Assert.Equal(TimeSpan.FromHours(2), records[0].At.Offset);
    }

    [Fact]
    public async Task Csv_EmptyFields_AreNullWhereNullIsAdmitted()
    {
        List<Nullables> records = await ReadAsync<Nullables>("a,b,c,d,e\n,,,,\n\"\",\"\",\"\",\"\",\"\"\n1,b,c,2024-01-01,red\n");

        Assert.Equal(new Nullables(null, null, "", null, null), records[0]);
        Assert.Equal(new Nullables(null, "", "", null, null), records[1]);
        Assert.Equal(new Nullables(1, "b", "c", new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero), Color.Red), records[2]);
    }

    [Fact]
    public async Task Csv_MissingOptionalColumns_GetTheirDefaults()
    {
        List<Optional> records = await ReadAsync<Optional>("id,note\n1,x\n2,\n");

        Assert.Equal([new Optional(1) { Note = "x" }, new Optional(2)], records);
    }

    [Fact]
    public async Task Csv_ClassAndStruct_AreFilledByProperties()
    {
        List<Mutable> objects = await ReadAsync<Mutable>("computed,id\n5,1\n");
        List<Point> points = await ReadAsync<Point>("y,x\n1,2\n3,4\n");
        List<(int, string)> tuples = await ReadAsync<(int, string)>("item1,item2\n1,a\n");

        Assert.Equal((1, "unset"), (objects[0].Id, objects[0].Name));
        Assert.Equal([new Point { X = 2, Y = 1 }, new Point { X = 4, Y = 3 }], points);
        Assert.Equal([(1, "a")], tuples);
    }

    [Fact]
    public async Task Csv_WithoutHeader_TakesTheColumnsInOrder()
    {
        Assert.Equal([new Pair(1, "a")], await ReadAsync<Pair>("1;a\n", o => (o.HasHeader, o.Delimiter) = (false, ';')));
        Assert.Equal([new Pair(1, "a")], await ReadAsync<Pair>("a,?,1\n", o => (o.HasHeader, o.Columns) = (false, ["name", "", "id"])));
        Assert.Equal([new Point { X = 1, Y = 2 }], await ReadAsync<Point>("1,2\n", o => o.HasHeader = false));
        Assert.Empty(await ReadAsync<Pair>("", o => o.HasHeader = false));
    }

    [Fact]
    public async Task Csv_ColumnNames_MapMembers()
    {
        Assert.Equal([new Pair(1, "a")], await ReadAsync<Pair>("Card Number,holder\n1,a\n", o => (o.ColumnNames["id"], o.ColumnNames["name"]) = ("card number", "Holder")));
    }

    [Theory]
    [InlineData("id\n1\n", "no column 'Name' for 'Name' of 'Pair'; the columns: id")]
    [InlineData("id,ID,name\n1,2,a\n", "columns 1 and 2")]
    [InlineData("id,\"name\n", "line 1, column 4: The header cannot be read: The quote here is never closed.")]
    public async Task Csv_HeaderThatDoesNotFit_Fails(string text, string expected)
    {
        StreamKitException e = await Assert.ThrowsAnyAsync<StreamKitException>(() => ReadAsync<Pair>(text));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(string), "no constructor parameters")]
    [InlineData(typeof(int), "no constructor parameters")]
    [InlineData(typeof(IFormattable), "no public constructor")]
    [InlineData(typeof(Tuple<object>), "'item1' is a 'System.Object'")]
    [InlineData(typeof(Mutable), "")]
    public void Validate_Type_SaysWhatStandsAgainstIt(Type type, string expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["input.csv"], "");
        var problems = (IEnumerable<string>)typeof(CsvReadingTests).GetMethod(nameof(Validate), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, [folder["input.csv"], null])!;

        if (expected.Length == 0)
            Assert.Empty(problems);
        else
            Assert.Contains(expected, Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_Options_AreAllReported()
    {
        using var folder = new TemporaryFolder();
        List<string> problems = Validate<Pair>(folder["missing.csv"], o =>
        {
            (o.ChunkSize, o.MaxSplitsPerFile, o.MaxLineLength, o.BufferSize, o.Delimiter, o.OnMalformed) = (0, 0, 0, 0, '"', (MalformedLines)9);
            (o.HasHeader, o.Columns) = (false, ["id"]);
            o.ColumnNames["nmae"] = "x";
        });

        string[] expected = ["ChunkSize", "MaxSplitsPerFile", "MaxLineLength", "BufferSize", "OnMalformed", "Delimiter", "'nmae'", "no column 'Name'"];
        Assert.Equal(expected.Length, problems.Count);
        Assert.All(expected.Zip(problems), pair => Assert.Contains(pair.First, pair.Second, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Csv_ManyDifferentAndRepeatedStrings_AreAllRight()
    {
        var text = new StringBuilder("id,name\n");
        for (int i = 0; i < 40_000; i++)
            text.Append(i).Append(',').Append(i % 3 == 0 ? $"name-{i}" : $"n{i % 7}").Append('\n');

        List<Pair> records = await ReadAsync<Pair>(text.ToString());

        Assert.Equal(Enumerable.Range(0, 40_000).Select(i => new Pair(i, i % 3 == 0 ? $"name-{i}" : $"n{i % 7}")), records);
    }

    private static List<string> Validate<T>(string path, Action<CsvOptions>? configure) => [.. FileSource.Csv<T>(path, configure).Validate(new SerializerRegistry())];

    private static async Task<List<T>> ReadAsync<T>(string text, Action<CsvOptions>? configure = null)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["input.csv"], text);
        return await FileSource.Csv<T>(folder["input.csv"], configure).ReadAllAsync();
    }
}
