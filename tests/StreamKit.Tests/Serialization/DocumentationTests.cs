using System.Text.RegularExpressions;

namespace StreamKit.Tests.Serialization;

/// <summary>docs/serialization.md says what is so: its example is the code below, and its table names every type.</summary>
public partial class DocumentationTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "serialization.md"));

    private readonly SerializerRegistry _registry = new();

    [Fact]
    public void ExampleSerializer_Registered_WritesWhatThePageSays()
    {
        _registry.Register(new MoneySerializer());
        var serializer = _registry.Get<Money>();

        var bytes = Wire.Write((ref w) => serializer.Write(ref w, new Money("EUR", 500)));
        var reader = new MessagePackReader(bytes);

        Assert.Equal("92a3455552cd01f4", Convert.ToHexStringLower(bytes));
        Assert.Equal(new Money("EUR", 500), serializer.Read(ref reader));
        Assert.Equal("custom 'money-1'", _registry.GetSchema(typeof(Money)).ToString());
    }

    [Fact]
    public void ExampleSerializer_OnThePage_IsTheOneTested()
    {
        var example = CodeBlocks().Matches(Page).Select(m => m.Groups[1].Value).Single(c => c.Contains("class MoneySerializer", StringComparison.Ordinal));
        var source = File.ReadAllText(Path.Combine(RepositoryRoot(), "tests", "StreamKit.Tests", "Serialization", "DocumentationTests.cs"));

        Assert.Contains(Squeezed(example), Squeezed(source), StringComparison.Ordinal);
    }

    [Fact]
    public void Table_OnThePage_NamesEveryTypeThatIsSupported()
    {
        var types = typeof(MessagePackWriter).Assembly.GetTypes()
            .Where(t => t.BaseType is { IsGenericType: true } && Supported(t) is not null)
            .Select(t => Supported(t)!)
            .ToArray();

        Assert.True(types.Length > 40, $"only {types.Length} types were found");
        Assert.All(types, type => Assert.Contains($"`{type}`", Page, StringComparison.Ordinal));
    }

    /// <summary>The type that a serializer of StreamKit's is for, as the page writes it; null for those that are for shapes of types.</summary>
    private static string? Supported(Type serializer)
    {
        for (var type = serializer.BaseType; type is not null; type = type.BaseType)
        {
            if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(Serializer<>))
                continue;

            var value = type.GetGenericArguments()[0];
            if (value.IsGenericParameter || value.IsAbstract || value.IsNotPublic || Nullable.GetUnderlyingType(value) is not null)
                return null;

            return Regex.Replace(StreamKit.Serialization.TypeName.Of(value), "<TKey, TValue>", "<K,V>");
        }

        return null;
    }

    private static string Squeezed(string code) => Spaces().Replace(Comments().Replace(code, ""), " ");

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "StreamKit.sln")))
            folder = folder.Parent;

        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside of the repository.");
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlocks();

    [GeneratedRegex("//.*")]
    private static partial Regex Comments();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

public readonly record struct Money(string Currency, long Cents);

public sealed class MoneySerializer : Serializer<Money>
{
    public override string Format => "money-1";                       // recorded beside the data; change it when the bytes change

    public override void Write(ref MessagePackWriter writer, Money value)
    {
        writer.WriteArrayHeader(2);                                   // exactly one MessagePack value: here an array of two
        writer.Write(value.Currency);
        writer.Write(value.Cents);
    }

    public override Money Read(ref MessagePackReader reader)
    {
        if (reader.ReadArrayHeader() != 2)
            throw new StreamSerializationException("'Money' has two members.");

        return new Money(reader.ReadString() ?? "", reader.ReadInt64());
    }
}
