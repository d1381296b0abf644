using StreamKit.Serialization;

namespace StreamKit.Tests.Serialization;

public class SchemaComparisonTests
{
    private readonly SerializerRegistry _registry = new();

    public static TheoryData<Type, Type, string> Changes => new()
    {
        { typeof(Order), typeof(Renamed), "member 'Sum' is now called 'Total'" },
        { typeof(Order), typeof(TwoRenamed), "member 'Id' is now called 'Key'; member 'Sum' is now called 'Total'" },
        { typeof(Order), typeof(Retyped), "'Sum' was float64, now decimal" },
        { typeof(Order), typeof(Shorter), "member 'Sum' (float64) is gone" },
        { typeof(Shorter), typeof(Order), "member 'Sum' (float64) is new" },
        { typeof(List<Order>), typeof(Renamed[]), "member '[].Sum' is now called 'Total'" },
        { typeof(Dictionary<string, Order?>), typeof(Dictionary<int, Renamed?>), "'{key}' was string, now int32; member '{value}.Sum' is now called 'Total'" },
        { typeof(Dictionary<string, Order>), typeof(List<Order>), "it was {string → Order { Id: int64, Sum: float64 }}, now [Order { Id: int64, Sum: float64 }]" },
        { typeof(long), typeof(int), "it was int64, now int32" },
        { typeof(Ambiguous), typeof(OtherAmbiguous), "member 'A' (int32) is gone; member 'B' (int32) is gone; member 'C' (int32) is new; member 'D' (int32) is new" },
        { typeof(Holder<Order>), typeof(Holder<Retyped>), "'Held.Sum' was float64, now decimal" },
        { typeof(Tree<Shorter?>), typeof(Tree<int>), "'Kind' was Shorter { Id: int64 }?, now int32" }, // the leaf's number has changed
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Compare_ChangedType_NamesEachDifference(Type stored, Type declared, string expected) =>
        Assert.Equal(expected, string.Join("; ", SchemaComparison.Compare(_registry.GetSchema(stored), _registry.GetSchema(declared))));

    [Theory]
    [InlineData(typeof(Order), typeof(SameOrder))]
    [InlineData(typeof(List<Order>), typeof(SameOrder[]))]
    [InlineData(typeof(Node), typeof(Node))]
    public void Compare_TypesThatWriteTheSameBytes_FindsNothing(Type stored, Type declared) =>
        Assert.Empty(SchemaComparison.Compare(_registry.GetSchema(stored), _registry.GetSchema(declared)));

    [Fact]
    public void Compare_MembersInAnotherOrder_SaysSo()
    {
        var first = new SchemaMember("A", TypeSchema.Scalar("int32"));
        var second = new SchemaMember("B", TypeSchema.Scalar("string"));

        var differences = SchemaComparison.Compare(new TypeSchema(SchemaKind.Members, "T", [first, second]), new TypeSchema(SchemaKind.Members, "T", [second, first]));

        Assert.Equal("the members were in the order A, B, now B, A", Assert.Single(differences).ToString());
    }

    [Fact]
    public void Compare_MembersInAnotherOrderWithReferences_SaysThatOnly()
    {
        var differences = SchemaComparison.Compare(
            new TypeSchema(SchemaKind.Members, "T", [new SchemaMember("A", Chain("First", 1)), new SchemaMember("B", Chain("Second", 2))]),
            new TypeSchema(SchemaKind.Members, "T", [new SchemaMember("B", Chain("Second", 1)), new SchemaMember("A", Chain("First", 2))]));

        Assert.Equal("the members were in the order A, B, now B, A", Assert.Single(differences).ToString());

        static TypeSchema Chain(string name, int number) => new(SchemaKind.Members, name, [new SchemaMember("Next", new TypeSchema(SchemaKind.Reference, name, [], number))]);
    }

    [Fact]
    public void Compare_AnyTwoTypes_FindsSomethingExactlyWhenFingerprintsDiffer()
    {
        Type[] types = [typeof(Order), typeof(SameOrder), typeof(Renamed), typeof(Retyped), typeof(Shorter), typeof(Node), typeof(Everything), typeof(int?), typeof(int), typeof(Colour), typeof(byte)];

        foreach (var stored in types.Select(_registry.GetSchema))
        {
            foreach (var declared in types.Select(_registry.GetSchema))
                Assert.Equal(stored.Fingerprint == declared.Fingerprint, SchemaComparison.Compare(stored, declared).Count == 0);
        }
    }

    [Fact]
    public void MapOf_KeyWithMembers_KeepsTheReferencesOfTheValue()
    {
        var map = TypeSchema.MapOf(_registry.GetSchema(typeof(Order)), _registry.GetSchema(typeof(Node)));

        Assert.Equal(_registry.GetSchema(typeof(Dictionary<Order, Node>)).Fingerprint, map.Fingerprint);
    }

    private readonly record struct Order(long Id, double Sum);

    private readonly record struct SameOrder(long Id, double Sum);

    private readonly record struct Renamed(long Id, double Total);

    private readonly record struct TwoRenamed(long Key, double Total);

    private readonly record struct Retyped(long Id, decimal Sum);

    private readonly record struct Shorter(long Id);

    private readonly record struct Ambiguous(int A, int B);

    private readonly record struct OtherAmbiguous(int C, int D);

    private sealed record Holder<T>(T Held);

    private sealed record Tree<T>(T Kind, Leaf Leaf);

    private sealed record Leaf(int Size, Leaf? Next);
}
