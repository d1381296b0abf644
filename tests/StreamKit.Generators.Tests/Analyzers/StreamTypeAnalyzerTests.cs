namespace StreamKit.Generators.Tests.Analyzers;

public class StreamTypeAnalyzerTests
{
    [Theory]
    [InlineData("[StreamType] public record Order(int Id, Action Callback);", "SK0001", "Callback", "'Order.Callback': the type 'Action' is code, not data.", "[IgnoreDataMember]")]
    [InlineData("[StreamType] public record Order(object Anything);", "SK0001", "Anything", "'Order.Anything': the type 'object' is abstract", "Use a concrete type")]
    [InlineData("[StreamType] public record Order(List<Line> Lines); public record Line(IShape Shape); public interface IShape;", "SK0001", "Lines", "'Order.Lines[].Shape': the type 'IShape' is an interface", "Use a concrete type")]
    [InlineData("[StreamType] public record Order(Dictionary<string, System.IO.Stream> Files);", "SK0001", "Files", "'Order.Files[value]': the type 'Stream' is abstract", "Use a concrete type")]
    [InlineData("[StreamType] public record Order(int[,] Table);", "SK0001", "Table", "more than one dimension", "arrays of arrays")]
    [InlineData("[StreamType] public record Order(Task<int> Result);", "SK0001", "Result", "the type 'Task<int>' of .NET is not one that StreamKit serializes", "supported type")]
    [InlineData("[StreamType] public class Endless<T> { public Endless<List<T>>? Next { get; set; } }", "SK0001", "Next", "without end", "same type arguments")]
    [InlineData("[StreamType] public class Order { private int _total; public int Next() => ++_total; }", "SK0002", "Order", "'Order.total': the private field '_total' belongs to no public member", "[IgnoreDataMember]")]
    [InlineData("[StreamType] public class Order { public int Number { get; private set; } public void Up() => Number++; }", "SK0002", "Number", "'Number' can be read but not set", "constructor parameter named 'number'")]
    [InlineData("[StreamType] public class Order { public event Action? Changed; public void Raise() => Changed?.Invoke(); }", "SK0002", "Changed", "'Changed'", "would be lost")]
    [InlineData("[StreamType] public class Order : List<int>;", "SK0002", "Order", "derives from 'List<int>'", "Keep that as a member")]
    [InlineData("[StreamType] public class Order(int start) { public int Number { get; } = start + 1; }", "SK0003", "Order", "cannot be made again", "Add one")]
    [InlineData("[StreamType] public abstract class Order { public int Number { get; set; } }", "SK0003", "Order", "the type 'Order' is abstract", "Use a concrete type")]
    [InlineData("public class Outer { [StreamType] private record Order(int X); }", "SK0004", "Order", "hidden in another type", "'internal'")]
    [InlineData("[StreamType] file record Order(int X);", "SK0004", "Order", "local to its file", "'internal'")]
    [InlineData("[StreamType] public class Order : StreamKit.Generators.Tests.Analyzers.ForeignBase { public int X { get; set; } }", "SK0004", "Order", "'ForeignBase' of another assembly", "in this assembly")]
    public async Task Type_ThatCannotBeServed_IsReportedWithMemberAndRemedy(string source, string id, string place, string cause, string remedy)
    {
        var diagnostic = Assert.Single(await Sources.Analyze(source));

        Assert.Equal(id, diagnostic.Id);
        Assert.Equal(place, diagnostic.Location.SourceTree!.GetText(TestContext.Current.CancellationToken).ToString(diagnostic.Location.SourceSpan));
        Assert.Contains(cause, diagnostic.GetMessage(), StringComparison.Ordinal);
        Assert.Contains(remedy, diagnostic.GetMessage(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[StreamType] public record Order(int Id, string? Text, List<(int, Line)> Lines); public record Line(Dictionary<string, Order> Orders);")]
    [InlineData("[StreamType] public class Order { [System.Runtime.Serialization.IgnoreDataMember] public Action? Callback { get; set; } [NonSerialized] private int _cache; public int Next() => ++_cache; }")]
    [InlineData("public record NotMarked(Action Callback);")]
    [InlineData("[StreamType] public record Box<T>(T Value, T[] More);")]
    [InlineData("[StreamType] public record Order(Marked Other); [StreamType] public record Marked(int X);")]
    public async Task Type_ThatIsServed_IsNotReported(string source)
    {
        Assert.Empty(await Sources.Analyze(source));
    }

    [Fact]
    public async Task Problem_OfATypeThatIsMarkedItself_IsReportedThereOnly()
    {
        var diagnostics = await Sources.Analyze("[StreamType] public record Order(Marked Other);\n[StreamType] public record Marked(Action X);");

        Assert.Equal(1, Assert.Single(diagnostics).Location.GetLineSpan().StartLinePosition.Line);
    }
}

/// <summary>A base whose private fields the compiler of another assembly does not see.</summary>
public abstract class ForeignBase
{
    /// <summary>A member with a private field.</summary>
    public int Inherited { get; set; }
}
