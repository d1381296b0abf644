using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace StreamKit.Generators.Tests;

/// <summary>What the generator makes of sources: code that compiles without a warning, trims, and is made again only when it has changed.</summary>
public class StreamTypeGeneratorTests
{
    private const string Order = """
        namespace Shop;

        [StreamType]
        public sealed record Order(long Id, string Customer, List<Line> Lines, Dictionary<string, decimal>? Prices, (int, State)? Pair, Box<Line>? Boxed);

        public sealed record Line(string Text, double Amount, Order? Back);

        public enum State { Open, Closed }

        [StreamType]
        public sealed class Box<T> where T : class
        {
            public required T Content { get; init; }
            public ISet<T>? Others { get; set; }
        }
        """;

    public static TheoryData<string> Shapes =>
    [
        Order,
        "[StreamType] public record struct NoNamespace(int X);",
        "namespace @event { [StreamType] public class @class { public int @int { get; set; } } }",
        "namespace A { [StreamType] public record Same(int X); } namespace B { [StreamType] public record Same(A.Same? X); }",
        "[StreamType] public record Open<TKey, TValue>(Dictionary<TKey, TValue> Map, TKey Key) where TKey : struct, Enum where TValue : unmanaged, IComparable<TValue>;",
        "public class Outer<T> where T : notnull, new() { [StreamType] public record Inner<TItem>(T One, TItem[] Many); [StreamType] public record Plain(T Value); }",
        "[StreamType] public class Mixed(int number) { public int Number => number; public required string? Text { get; init; } public readonly long Id; public Mixed(int number, long id) : this(number) => Id = id; }",
        "public abstract class Base { public abstract int X { get; set; } } [StreamType] public class Derived : Base { public override int X { get; set; } }",
        "[StreamType] public record Old([property: Obsolete(\"gone\")] int X);",
        "[StreamType] public record Named((int Left, (string? A, dynamic[]? B) Right) Pair);",
        "[StreamType] public struct Nothing;",
        "[StreamType] public partial record Parts(int X); public partial record Parts { public string? Y { get; init; } }",
        "#nullable disable\n[StreamType] public class Oblivious { public string Text; public List<string> Texts { get; set; } }",
        "[StreamType] public record Field { public int X { get => field; init => field = value; } }",
        "[StreamType] internal record Hidden(Hidden.Nested X) { internal record Nested(int Y); }",
    ];

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Code_OfEveryShape_CompilesAndTrimsWithoutWarnings(string source)
    {
        var compilation = Sources.Generate(source);

        Assert.Contains("GeneratedMembers<", Sources.Generated(compilation), StringComparison.Ordinal);
        Assert.Empty(await Sources.TrimWarnings(compilation));
    }

    [Fact]
    public async Task TrimAnalyzers_OfWrongCode_Warn()
    {
        var compilation = Sources.Generate("public static class Wrong { public static object? M(Type type) => type.MakeGenericType(typeof(int)).GetMethods(); }");

        Assert.NotEmpty(await Sources.TrimWarnings(compilation));
    }

    [Theory]
    [InlineData("public record NotMarked(int X);")]
    [InlineData("public class Outer { [StreamType] private record Hidden(int X); }")]
    [InlineData("[StreamType] file record Hidden(int X);")]
    [InlineData("[StreamType] public abstract class Abstract { public int X { get; set; } }")]
    [InlineData("[StreamType] public class Lost { private int _x; public int Next() => ++_x; }")]
    [InlineData("[StreamType] public class Captured(int hidden) { public Captured() : this(5) { } public int F() => hidden; }")]
    [InlineData("[StreamType] public class Unmakeable { private Unmakeable() { } public static Unmakeable Make() => new(); }")]
    [InlineData("[StreamType] public class Derived : Exception { public int X { get; set; } }")]
    public void Type_ThatCannotBeServed_IsLeftToRunTime(string source)
    {
        Assert.Equal("", Sources.Generated(Sources.Generate(source)));
    }

    [Fact]
    public void Member_OfATypeThatHasNoSerializer_IsLeftToTheRegistry()
    {
        var generated = Sources.Generated(Sources.Generate("[StreamType] public record Holder(int X, Action Custom);"));

        Assert.Contains("serializers.Of<global::System.Action>(0)", generated, StringComparison.Ordinal);
    }

    [Fact]
    public void TypeInTwoTypes_IsWrittenOnce()
    {
        var generated = Sources.Generated(Sources.Generate("[StreamType] public record A(C X); [StreamType] public record B(C X); public record C(int Y);"));

        Assert.Equal(2, generated.Split("class C_Members").Length);
    }

    [Fact]
    public void UnrelatedEdit_OfTheSources_MakesNothingAgain()
    {
        var (before, after) = Steps("// comment\npublic class Other { public int X; }\n" + Order, "public class Other { public long Y() => 5; }\n\n\n" + Order);

        Assert.All(after[StreamTypeGenerator.ModelStep], static reason => Assert.Contains(reason, new[] { IncrementalStepRunReason.Unchanged, IncrementalStepRunReason.Cached }));
        Assert.Equal(before["output"], after["output"].Select(static _ => IncrementalStepRunReason.New));
        Assert.All(after["output"], static reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void Edit_OfAMember_MakesTheCodeAgain()
    {
        var (_, after) = Steps(Order, Order.Replace("string Text", "string? Text, int Number", StringComparison.Ordinal));

        Assert.Contains(IncrementalStepRunReason.Modified, after["output"]);
    }

    /// <summary>The reasons of the steps of a first run, and of a second one over other sources.</summary>
    private static (Dictionary<string, List<IncrementalStepRunReason>> Before, Dictionary<string, List<IncrementalStepRunReason>> After) Steps(string first, string second)
    {
        var options = new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true);
        GeneratorDriver driver = CSharpGeneratorDriver.Create([new StreamTypeGenerator().AsSourceGenerator()], parseOptions: Sources.ParseOptions, driverOptions: options);
        var compilation = Sources.Compile(first);
        driver = driver.RunGenerators(compilation, TestContext.Current.CancellationToken);
        var before = Reasons(driver);
        var edited = compilation.ReplaceSyntaxTree(compilation.SyntaxTrees[1], CSharpSyntaxTree.ParseText(second, Sources.ParseOptions, path: "Source1.cs", cancellationToken: TestContext.Current.CancellationToken));
        driver = driver.RunGenerators(edited, TestContext.Current.CancellationToken);
        return (before, Reasons(driver));
    }

    private static Dictionary<string, List<IncrementalStepRunReason>> Reasons(GeneratorDriver driver)
    {
        var result = driver.GetRunResult().Results.Single();
        return new()
        {
            [StreamTypeGenerator.ModelStep] = [.. result.TrackedSteps[StreamTypeGenerator.ModelStep].SelectMany(static s => s.Outputs).Select(static o => o.Reason)],
            ["output"] = [.. result.TrackedOutputSteps.SelectMany(static s => s.Value).SelectMany(static s => s.Outputs).Select(static o => o.Reason)],
        };
    }
}
