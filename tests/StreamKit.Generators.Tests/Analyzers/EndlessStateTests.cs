namespace StreamKit.Generators.Tests.Analyzers;

/// <summary>State that nothing takes away, and what looks like it and may be taken away.</summary>
public class EndlessStateTests
{
    private const string Types = """
        public enum Colour { Red, Green }
        public record Order(Guid Id, Colour Colour);
        public record struct Cell(byte X, Colour Colour);
        public record Loop(Loop? Inner, bool Last);
        public static class Others
        {
            public static void Take<T>(ValueState<T> state) => state.Clear();
        }
        """;

    [Theory]
    [InlineData("string")]
    [InlineData("Guid")]
    [InlineData("long")]
    [InlineData("int")]
    [InlineData("ulong")]
    [InlineData("decimal")]
    [InlineData("DateTimeOffset")]
    [InlineData("Order")]
    [InlineData("(Colour, string)")]
    public async Task State_OfKeysWithoutEnd_IsReported(string key)
    {
        var diagnostic = Assert.Single(await Analyze(key, "_value.Value++;"));

        Assert.Equal("SK0010", diagnostic.Id);
        Assert.Equal(Microsoft.CodeAnalysis.DiagnosticSeverity.Info, diagnostic.Severity);
        var message = diagnostic.GetMessage(null);
        Assert.Contains("State 'value' is kept for ever for each key of type", message, StringComparison.Ordinal);
        Assert.Contains("StateTtl", message, StringComparison.Ordinal);
        Assert.Equal("context.State.Value<long>(\"value\")", diagnostic.Location.SourceTree!.ToString().Substring(diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length));
    }

    [Theory]
    [InlineData("bool")]
    [InlineData("byte")]
    [InlineData("short")]
    [InlineData("char")]
    [InlineData("Colour")]
    [InlineData("Cell")]
    [InlineData("(Colour, bool)")]
    [InlineData("DateOnly")]
    [InlineData("Loop")]
    public async Task State_OfFewKeys_IsNotReported(string key) => Assert.Empty(await Analyze(key, "_value.Value++;"));

    [Theory]
    [InlineData("_value.Value = 5;")]
    [InlineData("var all = _texts.Value; all = null;")]
    [InlineData("_texts.Value = _value.Value > 5 ? \"more\" : \"less\";")]
    [InlineData("_value.Ref++; context.Collect(_value.Value); new List<int>().Clear();")]
    [InlineData("if (_value.TryGet(out var had)) context.Collect(had);")]
    public async Task State_ThatIsOnlyWritten_IsReported(string process) =>
        Assert.Equal(2, (await Analyze("string", process, "_texts = context.State.Value<string>(\"texts\", null);")).Count);

    [Theory]
    [InlineData("_value.Clear();")]
    [InlineData("if (value > 5) { Action clear = () => _value.Clear(); clear(); }")]
    [InlineData("_texts.Value = null;")]
    [InlineData("_texts.Value = value > 5 ? null : \"a\";")]
    [InlineData("_texts.Value = default;")]
    [InlineData("context.Timers.RegisterEventTime(5);")]
    [InlineData("Others.Take(_value);")]
    [InlineData("var mine = _value; mine.Clear();")]
    [InlineData("_value?.Clear();")]
    public async Task State_ThatMayBeTakenAway_IsNotReported(string process) =>
        Assert.Empty(await Analyze("string", process, "_texts = context.State.Value<string>(\"texts\");"));

    [Theory]
    [InlineData("_texts = context.State.Value<string>(\"texts\", StateTtl.After(TimeSpan.FromHours(1)));")]
    [InlineData("_texts = context.State.Value<string>(\"texts\", ttl: Ttl);")]
    public async Task State_ThatExpires_IsNotReported(string open) =>
        Assert.Equal("value", Assert.Single(await Analyze("string", "_value.Value++;", open)).GetMessage(null).Split('\'')[1]);

    [Fact]
    public async Task State_OfEveryKindThatCanExpire_IsReported()
    {
        var diagnostics = await Analyze(
            "Guid", "", "context.State.Reducing<long>(\"sum\", (a, b) => a + b); context.State.Value<int>(\"other\");");

        Assert.Equal(["other", "sum", "value"], diagnostics.Select(static each => each.GetMessage(null).Split('\'')[1]).Order());
    }

    [Theory]
    [InlineData("public abstract class Base<TKey> : KeyedProcessFunction<TKey, long, long> where TKey : notnull { } public class F : Base<string>")]
    [InlineData("public class F<TKey> : KeyedProcessFunction<TKey, long, long> where TKey : notnull")]
    public async Task State_OfAFunctionThatCannotBeSeenThrough_IsNotReported(string declaration) =>
        Assert.Empty(await Sources.Analyze(Types + declaration + """
             {
                private ValueState<long> _value = null!;
                public override void Open(OperatorContext context) => _value = context.State.Value<long>("value");
                public override void Process(long value, Context context) => _value.Value++;
            }
            """));

    [Fact]
    public async Task State_ClearedInAnotherPartOfTheFunction_IsNotReported() => Assert.Empty(await Sources.Analyze(
        """
        public partial class F : KeyedProcessFunction<string, long, long>
        {
            private ValueState<long> _value = null!;
            public override void Open(OperatorContext context) => _value = context.State.Value<long>("value");
            public override void Process(long value, Context context) => Forget();
        }
        """,
        "public partial class F { private void Forget() => _value.Clear(); }"));

    private static async Task<IReadOnlyList<Microsoft.CodeAnalysis.Diagnostic>> Analyze(string key, string process, string open = "") => await Sources.Analyze(Types + $$"""
        public class F : KeyedProcessFunction<{{key}}, long, long>
        {
            private static readonly StateTtl Ttl = StateTtl.After(TimeSpan.FromDays(1));
            private ValueState<long> _value = null!;
            private ValueState<string> _texts = null!;
            public override void Open(OperatorContext context) { _value = context.State.Value<long>("value"); {{open}} }
            public override void Process(long value, Context context) { {{process}} }
        }
        """);
}
