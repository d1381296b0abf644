namespace StreamKit.Generators.Tests.Analyzers;

/// <summary>Mistakes in calls of StreamKit, and what looks like them and is none.</summary>
public class StreamCallTests
{
    private const string Types = """
        public record Trade(string Symbol, DateTime At, DateTimeOffset Since, byte[] Bytes, decimal Price, int Count, Place Where, Plain What, Custom How, Hiding Cache);
        public readonly record struct Place(string City, decimal? Height);
        public class Plain { public int X { get; set; } }
        public record Custom(int X) { public virtual bool Equals(Custom? other) => true; public override int GetHashCode() => 0; }
        public record Hiding(int X) { [System.Runtime.Serialization.IgnoreDataMember] public int Y { get; } = 5; }
        public class Sum { public decimal Total; public int Count; }
        public record Last(decimal Price);
        public struct Tally { public int Count; }
        """;

    [Theory]
    [InlineData("trades.KeyBy(t => t.At)", "'DateTime': the type 'DateTime' may be of unknown kind", "DateTimeOffset")]
    [InlineData("trades.KeyBy(t => t.Bytes)", "the type 'byte[]' has an equality that differs", "Key by a string")]
    [InlineData("trades.KeyBy(t => new[] { t.Count })", "the collection 'int[]' is not equal", "Key by a string")]
    [InlineData("trades.KeyBy(t => t.What)", "the class 'Plain' is no record", "Make it a 'record'")]
    [InlineData("trades.KeyBy(t => t.How)", "'Equals' of its own", "Key by a string")]
    [InlineData("trades.KeyBy(t => t.Cache)", "leaves members out", "Key by a string")]
    [InlineData("trades.KeyBy(t => (t.Symbol, t.At))", "'(string Symbol, DateTime At).Item2': the type 'DateTime'", "DateTimeOffset")]
    [InlineData("trades.KeyBy(t => t)", "'Trade.At': the type 'DateTime'", "DateTimeOffset")]
    [InlineData("trades.KeyBy(t => new KeyValuePair<string, int>(t.Symbol, 1))", "no equality of its own", "Key by a tuple")]
    [InlineData("trades.KeyBy(t => (object)t.Symbol)", "the type 'object' is abstract", "Key by a string")]
    public async Task KeyBy_OfATypeThatIsNoKey_IsReported(string call, string cause, string remedy)
    {
        var message = await Only("SK0005", call);

        Assert.Contains(cause, message, StringComparison.Ordinal);
        Assert.Contains(remedy, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ var seen = 0; trades.Map(t => { seen++; return t; }); }", "'Map'", "'seen'")]
    [InlineData("{ var seen = 0; trades.Filter(t => (seen += t.Count) > 5); }", "'Filter'", "'seen'")]
    [InlineData("{ string? last = null; trades.FlatMap(t => { last ??= t.Symbol; return new[] { last }; }); }", "'FlatMap'", "'last'")]
    [InlineData("{ var next = 0; trades.KeyBy(t => next = t.Count); }", "'KeyBy'", "'next'")]
    [InlineData("{ var n = 0; trades.KeyBy(t => t.Symbol).Scan(\"s\", () => 0, (sum, t) => sum + n++); }", "'Scan'", "'n'")]
    [InlineData("{ var n = 0; trades.KeyBy(t => t.Symbol).Reduce(\"r\", (a, b) => { (n, var m) = (b.Count, 1); return b; }); }", "'Reduce'", "'n'")]
    [InlineData("{ var tally = new Tally(); trades.Map(t => tally.Count++); }", "'Map'", "'tally'")]
    [InlineData("{ var n = 0; trades.Map(t => System.Threading.Interlocked.Increment(ref n)); }", "'Map'", "'n'")]
    [InlineData("{ int n = 0; trades.Map(t => int.TryParse(t.Symbol, out n)); }", "'Map'", "'n'")]
    [InlineData("{ var n = 0; trades.Map(t => { Action up = () => n++; up(); return n; }); }", "'Map'", "'n'")]
    public async Task Function_ThatChangesACapturedVariable_IsReported(string call, string verb, string variable)
    {
        var message = await Only("SK0006", call);

        Assert.Contains(verb, message, StringComparison.Ordinal);
        Assert.Contains(variable, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trades.KeyBy(t => t.Symbol).Scan(\"s\", () => new Sum(), (sum, t) => new Sum { Total = sum.Total + t.Price })", "'Sum'")]
    [InlineData("trades.KeyBy(t => t.Symbol).Scan(\"s\", () => new Last(0), (last, t) => last with { Price = t.Price })", "'Last'")]
    [InlineData("trades.KeyBy(t => t.Symbol).Scan(\"s\", () => new Last(0), (last, t) => { if (t.Count > 1) return new(1); return t.Count < 0 ? throw new InvalidOperationException() : new Last(2); })", "'Last'")]
    public async Task Scan_WhoseClassIsReplaced_IsReported(string call, string type)
    {
        Assert.Contains(type, await Only("SK0007", call), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_WhoseClassIsReplaced_IsReported()
    {
        var diagnostics = await Sources.Analyze(Types, """
            public sealed class Replacing : AggregateFunction<Trade, Last, decimal>
            {
                public override Last CreateAccumulator() => new(0);
                public override Last Add(Last accumulator, Trade value) => new(accumulator.Price + value.Price);
                public override decimal GetResult(Last accumulator) => accumulator.Price;
                public override Last Merge(Last left, Last right) => new(left.Price + right.Price);
            }

            public sealed class Changing : AggregateFunction<Trade, Sum, decimal>
            {
                public override Sum CreateAccumulator() => new();
                public override Sum Add(Sum accumulator, Trade value) { accumulator.Total += value.Price; return accumulator; }
                public override decimal GetResult(Sum accumulator) => accumulator.Total;
                public override Sum Merge(Sum left, Sum right) { left.Total += right.Total; return left; }
            }

            public sealed class Structs : AggregateFunction<Trade, Tally, int>
            {
                public override Tally CreateAccumulator() => new();
                public override Tally Add(Tally accumulator, Trade value) => new() { Count = accumulator.Count + 1 };
                public override int GetResult(Tally accumulator) => accumulator.Count;
                public override Tally Merge(Tally left, Tally right) => new() { Count = left.Count + right.Count };
            }
            """);

        var diagnostic = Assert.Single(diagnostics);
        Assert.Equal("SK0007", diagnostic.Id);
        Assert.Contains("'Replacing.Add'", diagnostic.GetMessage(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SK0008", "trades.KeyBy(t => t.Symbol).Reduce(\"\", (a, b) => b)", "'Reduce'")]
    [InlineData("SK0008", "builder.FromSource(\" \", Source.Range(1, 9))", "'FromSource'")]
    [InlineData("SK0009", "trades.KeyBy(t => t.Symbol).Scan($\"sum-{DateTime.Now}\", () => 0, (sum, t) => sum + 1)", "'Scan'")]
    [InlineData("SK0009", "trades.KeyBy(t => t.Symbol).Reduce(name: Guid.NewGuid().ToString(), reduce: (a, b) => b)", "'Reduce'")]
    public async Task Name_ThatIsEmptyOrComputed_IsReported(string id, string call, string verb)
    {
        Assert.Contains(verb, await Only(id, call), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trades.KeyBy(t => t.Symbol)")]
    [InlineData("trades.KeyBy(t => (t.Symbol, t.Since, t.Where, t.Price, t.Count))")]
    [InlineData("trades.KeyBy(t => t.Where)")]
    [InlineData("{ var limit = 5; trades.Filter(t => t.Count > limit); limit++; }")]
    [InlineData("trades.Map(t => { var n = 0; n++; foreach (var c in t.Symbol) n += c; return n; })")]
    [InlineData("{ var sum = new Sum(); trades.Map(t => sum.Count); }")]
    [InlineData("{ var n = 0; new[] { 1 }.Select(i => n++).ToList(); }")]
    [InlineData("trades.KeyBy(t => t.Symbol).Scan(\"s\", () => new Sum(), (sum, t) => { sum.Total += t.Price; return sum; })")]
    [InlineData("trades.KeyBy(t => t.Symbol).Scan(\"s\", () => new Sum(), (sum, t) => { if (t.Count == 0) return new Sum(); sum.Count++; return sum; })")]
    [InlineData("trades.KeyBy(t => t.Symbol).Scan(\"s\", () => new Tally(), (tally, t) => new Tally { Count = tally.Count + 1 })")]
    [InlineData("trades.KeyBy(t => t.Symbol).Scan(\"s\", () => \"\", (text, t) => text + t.Symbol)")]
    [InlineData("{ const string Name = \"a\" + \"b\"; trades.KeyBy(t => t.Symbol).Reduce(Name, (a, b) => b); }")]
    [InlineData("trades.KeyBy(t => t.Symbol).Reduce(given, (a, b) => b)")]
    [InlineData("trades.Map(t => t, $\"shown-{given}\")")]
    public async Task Call_WithoutAMistake_IsNotReported(string call)
    {
        Assert.Empty(await Analyze(call));
    }

    private static Task<IReadOnlyList<Microsoft.CodeAnalysis.Diagnostic>> Analyze(string call) => Sources.Analyze(Types, $$"""
        public static class Job
        {
            public static void Describe(StreamJobBuilder builder, DataStream<Trade> trades, string given)
            {
                {{(call[0] == '{' ? call : call + ";")}}
            }
        }
        """);

    private static async Task<string> Only(string id, string call)
    {
        var diagnostic = Assert.Single(await Analyze(call));

        Assert.Equal(id, diagnostic.Id);
        return diagnostic.GetMessage();
    }
}
