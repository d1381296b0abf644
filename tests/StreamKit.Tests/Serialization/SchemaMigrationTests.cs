using StreamKit.Serialization;

namespace StreamKit.Tests.Serialization;

/// <summary>What changes of a type are taken over, and what is refused. Values of random types are in the tests of the generator, which serve both kinds of serializers.</summary>
public class SchemaMigrationTests
{
    private static readonly string[] _forms =
    [
        "int8", "int16", "int32", "int64", "int128", "uint8", "uint16", "uint32", "uint64", "uint128", "integer", "float16", "float32", "float64", "decimal",
        "bool", "char", "string", "datetime", "duration",
    ];

    private readonly SerializerRegistry _registry = new();

    public static TheoryData<object, object> Accepted => new()
    {
        { new Order(1, 2.5), new Total(1, 2.5) },
        { new Order(1, 2.5), new Sorted(2.5, 1) },
        { new Order(1, 2.5), new Shorter(1) },
        { new Shorter(1), new Order(1, 0) },
        { new Shorter(1), new WithDefaults(1) },
        { new List<Order> { new(1, 2) }, new[] { new Total(1, 2) } },
        { new Dictionary<string, Order> { ["a"] = new(1, 2) }, new Dictionary<string, Total> { ["a"] = new(1, 2) } },
        { 7, 7L },
        { Colour.Green, (int)Colour.Green },
        { new Limit(5), new Limited(5) },
        { new Limit(null), new Limited(10) },
        { new int?[] { 1, null }, new long[] { 1, 0 } },
        { new Limited(5), new Limit(5) },
        { new Boxed?[] { new Boxed(1), null }, new Unboxed[] { new(1, 3), default } },
        { new Boxed?[] { new Boxed(1), null }, new Plain[] { new(1), default } },
        { new Boxed?[] { new Boxed(1), null }, new Unboxed?[] { new Unboxed(1, 3), null } },
        { new Plain?[] { new Plain(1), null }, new Boxed?[] { new Boxed(1), null } },
        { new byte[]?[] { [1], null }, new ReadOnlyMemory<byte>[] { new byte[] { 1 }, default } },
        { (1, "a"), new FromTuple("a", 1, null) },
        { new Tree("a", [new Tree("b", [])]), new NewTree("a", [new NewTree("b", [], -1)], -1) },
        { new Mutual(new Other(new Mutual(null))), new NewMutual(new NewOther(new NewMutual(null), 4)) },
        { new Holder(new Order(1, 2), new Order(3, 4)), new NewHolder(new Total(3, 4), new Total(1, 2)) },
        { new Reused(1), new NowReused(1, 2) },
    };

    public static TheoryData<Type, Type, string> Refused => new()
    {
        { typeof(Order), typeof(Renamed), "member 'Sum' (float64) is gone and 'Total' (float64) is new. If it was renamed, mark 'Total' [RenamedFrom(\"Sum\")], if not, [NewMember]" },
        { typeof(List<Order>), typeof(Renamed[]), "in '[]' member 'Sum' (float64) is gone and 'Total' (float64) is new. If it was renamed, mark 'Total' [RenamedFrom(\"Sum\")], if not, [NewMember]" },
        { typeof(Order), typeof(Retyped), "'Sum' was float64, now decimal, which does not hold all values of that" },
        { typeof(Order), typeof(RenamedAndWider), "member 'Id' (int64) is gone and 'Key' (int128) is new. If it was renamed, mark 'Key' [RenamedFrom(\"Id\")], if not, [NewMember]" },
        { typeof(long), typeof(int), "it was int64, now int32, which does not hold all values of that" },
        { typeof(long), typeof(double), "it was int64, now float64, which does not hold all values of that" },
        { typeof(string), typeof(long), "it was string, now int64, which does not hold all values of that" },
        { typeof(List<int>), typeof(int), "it was [int32], now int32, which does not hold all values of that" },
        { typeof(Dictionary<int, string>), typeof(Dictionary<long, string>), "'{key}' was int32, now int64: keys never change" },
        { typeof(Renamed), typeof(Claimed), "the stored member 'Total' is claimed by 'Sum', which is marked [RenamedFrom(\"Total\")], and by 'Total'. Give the one that is new another name" },
        { typeof(Order), typeof(Point), "member 'Sum' (float64) is gone and 'X' (float64) is new. If it was renamed, mark 'X' [RenamedFrom(\"Sum\")], if not, [NewMember]; member 'Sum' (float64) is gone and 'Y' (float64) is new. If it was renamed, mark 'Y' [RenamedFrom(\"Sum\")], if not, [NewMember]" },
        { typeof(Tree), typeof(BrokenTree), "'Name' was string, now int32, which does not hold all values of that" },
        { typeof(Money), typeof(Order), "it was custom 'money-1', now Order { Id: int64, Sum: float64 }, which does not hold all values of that" },
    };

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Value_OfAChangedType_BecomesThatOfTheNewOne(object old, object expected)
    {
        var migration = SchemaMigration.Of(_registry.GetSchema(old.GetType()), _registry.GetSchema(expected.GetType()));
        Assert.Empty(migration.Problems);

        var converted = Convert(migration, AnySerializer.For(_registry, old.GetType()).Write(old));

        // What reads as the same is the same, also where a null that was no null before is written as a default from now on.
        var serializer = AnySerializer.For(_registry, expected.GetType());
        Assert.Equal(serializer.Write(expected), serializer.Write(serializer.Read(converted)));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Type_ThatWouldLoseSomething_IsRefusedWithPlaceAndRemedy(Type stored, Type declared, string expected)
    {
        var registry = new SerializerRegistry();
        registry.Register(new MoneySerializer("money-1", _ => false));

        var migration = SchemaMigration.Of(registry.GetSchema(stored), registry.GetSchema(declared));

        Assert.Equal(expected, string.Join("; ", migration.Problems));
    }

    [Fact]
    public void Problems_OfSeveralMembers_AreAllTold() =>
        Assert.Equal(2, SchemaMigration.Of(_registry.GetSchema(typeof(WithDefaults)), _registry.GetSchema(typeof(AllOther))).Problems.Count);

    [Fact]
    public void Changes_OfAType_AreNamedEach()
    {
        var migration = SchemaMigration.Of(_registry.GetSchema(typeof((Order, int?, string))), _registry.GetSchema(typeof((Wide, long, string))));

        Assert.Empty(migration.Problems);
        Assert.Equal(
            ["member 'Item1.Sum' is now called 'Amount'", "member 'Item1.Extra' (string) is new", "member 'Item1.Id' (int64) is gone", "'Item2' was int32, now int64"],
            migration.Changes);
    }

    /// <summary>The table of docs/schema-evolution.md, in one line per form.</summary>
    [Fact]
    public void Numbers_WidenToTheseAndNoOthers() => Assert.Equal(
        """
        int8: int16 int32 int64 int128 integer float16 float32 float64 decimal
        int16: int32 int64 int128 integer float32 float64 decimal
        int32: int64 int128 integer float64 decimal
        int64: int128 integer decimal
        int128: integer
        uint8: int16 int32 int64 int128 uint16 uint32 uint64 uint128 integer float16 float32 float64 decimal
        uint16: int32 int64 int128 uint32 uint64 uint128 integer float32 float64 decimal
        uint32: int64 int128 uint64 uint128 integer float64 decimal
        uint64: int128 uint128 integer decimal
        uint128: integer
        integer:
        float16: float32 float64
        float32: float64
        float64:
        decimal:
        bool:
        char:
        string:
        datetime:
        duration:
        """,
        string.Join('\n', _forms.Select(stored => $"{stored}: {string.Join(' ', _forms.Where(declared => declared != stored && NumberWidening.Between(stored, declared) is not null))}".TrimEnd())));

    [Fact]
    public void CustomSerializer_ThatCanReadTheOldFormat_WritesItAnew()
    {
        var written = Write(new Money("EUR", 5), new MoneySerializer("money-1", _ => false));
        var asked = new List<string>();
        var registry = new SerializerRegistry();
        registry.Register(new MoneySerializer("money-2", format =>
        {
            asked.Add(format);
            return format == "money-1";
        }));

        var migration = SchemaMigration.Of(written.Schema, registry.GetSchema(typeof(Money[])));
        var converted = Convert(migration, written.Bytes);

        Assert.Empty(migration.Problems);
        Assert.Equal(["money-1"], asked);
        Assert.Equal(AnySerializer.For(registry, typeof(Money[])).Write(new[] { new Money("EUR", 5) }), converted);
        Assert.NotEqual(written.Bytes, converted);
    }

    [Fact]
    public void CustomSerializer_ForAFormerlyPlainType_IsAskedWithItsSchema()
    {
        var asked = new List<string>();
        var registry = new SerializerRegistry();
        registry.Register(new MoneySerializer("money-1", format =>
        {
            asked.Add(format);
            return false;
        }));

        var migration = SchemaMigration.Of(_registry.GetSchema(typeof(Money[])), registry.GetSchema(typeof(Money[])));

        Assert.Equal(["Money { Cents: int64, Currency: string }"], asked);
        Assert.Equal(["'[]' was Money { Cents: int64, Currency: string }, now custom 'money-1', whose serializer says by 'CanRead' that it does not read that"], migration.Problems);
    }

    [Fact]
    public void DeepNesting_OfARecursiveType_IsRefusedAndDoesNotEndTheProcess()
    {
        var migration = SchemaMigration.Of(_registry.GetSchema(typeof(Tree)), _registry.GetSchema(typeof(NewTree)));
        var deep = new byte[1_000_000];
        for (var i = 0; i < deep.Length; i += 2)
            (deep[i], deep[i + 1]) = (0x92, 0x91); // [[[…]]]: children come first

        Assert.Contains("128 levels", Assert.Throws<StreamSerializationException>(() => Convert(migration, deep)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SameForm_UnderOtherNames_NeedsNothing() =>
        Assert.True(SchemaMigration.Of(_registry.GetSchema(typeof(Tree)), _registry.GetSchema(typeof(SameTree))) is { Conversion.IsNone: true, Changes.Count: 0 });

    [Fact]
    public void Bytes_OfAnotherNumberOfMembers_AreRefused()
    {
        var migration = SchemaMigration.Of(_registry.GetSchema(typeof(Order)), _registry.GetSchema(typeof(Total)));

        Assert.Throws<StreamSerializationException>(() => Convert(migration, [0x91, 0x01]));
    }

    private static (TypeSchema Schema, byte[] Bytes) Write(Money value, MoneySerializer serializer)
    {
        var registry = new SerializerRegistry();
        registry.Register(serializer);
        return (registry.GetSchema(typeof(Money[])), AnySerializer.For(registry, typeof(Money[])).Write(new[] { value }));
    }

    private static byte[] Convert(SchemaMigration migration, byte[] bytes) => Wire.Write((ref writer) =>
    {
        var reader = new MessagePackReader(bytes);
        migration.Conversion.Convert(ref reader, ref writer);
        Assert.Equal(0, reader.Remaining);
    });

    private readonly record struct Order(long Id, double Sum);

    private sealed record Total(long Id, [RenamedFrom("Sum")] double Amount);

    private readonly record struct Renamed(long Id, double Total);

    private readonly record struct RenamedAndWider(Int128 Key, double Sum);

    private readonly record struct Wide([property: RenamedFrom("Never", "Sum")] double Amount, string? Extra);

    private sealed record Sorted([RenamedFrom("Sum")] double A, [RenamedFrom("Id")] long Z);

    private readonly record struct Retyped(long Id, decimal Sum);

    private readonly record struct Shorter(long Id);

    private readonly record struct WithDefaults(long Id, int Count = 5, string Text = "none", string? Other = null);

    private readonly record struct AllOther(int Id, byte Count, string Text, string? Other);

    private readonly record struct Claimed(long Id, [property: RenamedFrom("Total")] double Sum, double Total);

    private readonly record struct Limit(int? Most);

    private readonly record struct Limited(int Most = 10);

    private sealed record Boxed(int Id);

    private readonly record struct Plain(int Id);

    private readonly record struct Unboxed(int Id, int Added = 3);

    private sealed record FromTuple([RenamedFrom("Item2")] string A, [RenamedFrom("Item1")] long B, string? C);

    private sealed record Tree(string Name, List<Tree> Children);

    private sealed record SameTree(string Name, SameTree[] Children);

    private sealed record NewTree(string Name, List<NewTree> Children, int Size = -1);

    private sealed record BrokenTree(int Name, List<BrokenTree> Children);

    private sealed record Mutual(Other? Other);

    private sealed record Other(Mutual? Back);

    private sealed record NewMutual(NewOther? Other);

    private sealed record NewOther(NewMutual? Back, short Added = 4);

    private sealed record Holder(Order A, Order B);

    private sealed record NewHolder([RenamedFrom("B")] Total Y, [RenamedFrom("A")] Total Z);

    private sealed record Reused(int Old);

    private sealed record NowReused([RenamedFrom("Old")] int Id, [NewMember] int Other = 2);

    private readonly record struct Money(string Currency, long Cents);

    private sealed class MoneySerializer(string format, Func<string, bool> canRead) : Serializer<Money>
    {
        public override string Format => format;

        public override bool CanRead(string format) => canRead(format);

        public override void Write(ref MessagePackWriter writer, Money value) => writer.Write($"{format} {value.Cents} {value.Currency}");

        public override Money Read(ref MessagePackReader reader)
        {
            var parts = reader.ReadString()!.Split(' '); // written above
            return new Money(parts[2], long.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
