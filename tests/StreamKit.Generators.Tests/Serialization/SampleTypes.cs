using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.Serialization;
using System.Text;

namespace StreamKit.Generators.Tests.Serialization;

internal enum Colour : byte
{
    Red = 1,
    Green = 200,
}

internal enum Signed : long
{
    Below = -7,
    Above = 7,
}

[StreamType]
internal sealed record Payment(long Id, string Card, DateTime At, double Amount, int Merchant);

[StreamType]
internal sealed record Node(string Name, Node? Left, Node? Right, List<Node>? Others = null);

[StreamType]
internal sealed record Scalars(
    bool Bool,
    sbyte I8,
    byte U8,
    short I16,
    ushort U16,
    int I32,
    uint U32,
    long I64,
    ulong U64,
    Int128 I128,
    UInt128 U128,
    BigInteger Big,
    Half F16,
    float F32,
    double F64,
    decimal Money,
    char Char,
    Rune Rune,
    string? Text,
    Guid Id,
    DateTime At,
    DateTimeOffset There,
    TimeSpan For,
    DateOnly Day,
    TimeOnly Time,
    Colour Colour,
    Signed Signed,
    byte[]? Bytes,
    Memory<byte> Memory,
    ReadOnlyMemory<byte> ReadOnly,
    Uri? Uri,
    Version? Version);

[StreamType]
internal sealed record Collections(
    int[]? Array,
    string[][]? Nested,
    List<Point>? List,
    IEnumerable<int>? Enumerable,
    ICollection<int>? Collection,
    IList<string>? IList,
    IReadOnlyCollection<long>? ReadOnlyCollection,
    IReadOnlyList<double>? ReadOnlyList,
    ISet<int>? Set,
    IReadOnlySet<string>? ReadOnlySet,
    HashSet<Colour>? HashSet,
    SortedSet<int>? SortedSet,
    Queue<int?>? Queue,
    Stack<string>? Stack,
    LinkedList<byte>? LinkedList,
    ImmutableArray<Guid> ImmutableArray,
    ImmutableList<decimal>? ImmutableList,
    ImmutableHashSet<int>? ImmutableHashSet,
    Dictionary<string, List<int>>? Dictionary,
    IDictionary<int, string>? IDictionary,
    IReadOnlyDictionary<Colour, Point>? ReadOnlyDictionary,
    SortedDictionary<string, DateTime>? SortedDictionary,
    ImmutableDictionary<long, Point?>? ImmutableDictionary);

[StreamType]
internal sealed record Tuples(
    (int, string) Pair,
    (int First, Point Second, double? Third)? Named,
    (int, int, int, int, int, int, int, string, long) Long,
    Tuple<int, string>? Reference,
    Tuple<int, int, int, int, int, int, int, Tuple<string>>? LongReference,
    KeyValuePair<string, Point> KeyValue,
    List<(Colour, Signed)>? Many);

[StreamType]
internal readonly record struct Point(double X, double Y);

[StreamType]
internal readonly record struct Place(string City, decimal Height, Point At, float Slope, DateTimeOffset Since);

[StreamType]
internal struct PublicFields
{
    public int X;
    public string? Y;
    public Colour Z;
}

[StreamType]
internal struct OwnDefault
{
    public OwnDefault() => Count = 5;

    public int Count { get; init; }

    public string? Name { get; set; }
}

[StreamType]
internal sealed class Settable
{
    public required int Number { get; init; }

    public string? Text { get; set; }

    public Dictionary<string, List<int>> Index { get; set; } = [];

    public int Doubled => Number * 2;
}

[StreamType]
internal sealed class RequiredByConstructor(int number)
{
    public required int Number { get; init; } = number;

    [IgnoreDataMember]
    public required string Cache { get; set; }
}

[StreamType]
internal sealed class PrimaryConstructor(int number, IReadOnlyList<string> names)
{
    public int Number { get; } = number;

    public IReadOnlyList<string> Names => names;
}

[StreamType]
internal sealed class HandWritten
{
    private int _count;
    private readonly string _name;

    public HandWritten(string name) => _name = name;

    public string Name => _name;

    public int Count
    {
        get => _count;
        set => _count = value;
    }

    public int Clamped
    {
        get => field;
        set => field = value;
    }
}

[StreamType]
internal sealed class SeveralConstructors
{
    public SeveralConstructors()
    {
    }

    public SeveralConstructors(object? left) => Left = left as string;

    public SeveralConstructors(string? left, long? right)
    {
        Left = left;
        Right = right ?? 0;
    }

    public SeveralConstructors(long right, string? left, string unknown)
    {
        Left = left + unknown;
        Right = right;
    }

    public string? Left { get; }

    public long Right { get; }

    public int Z { get; set; }

    public int A { get; set; }
}

[StreamType]
internal record Wrapped<T>(T Value, T[] More);

[StreamType]
internal sealed record Boxes(Wrapped<int> Numbers, Wrapped<string?> Texts, Wrapped<Wrapped<Point>>? Nested, Constrained<Colour, Point> Constrained);

[StreamType]
internal sealed record Constrained<TKey, TValue>(Dictionary<TKey, TValue>? Map, TValue? Maybe)
    where TKey : notnull
    where TValue : struct, IEquatable<TValue>;

internal class OpenBase
{
    public int Inherited { get; set; }

    public virtual string? Overridden { get; set; }
}

[StreamType]
internal sealed class OpenDerived : OpenBase
{
    public int Own { get; set; }

    public override string? Overridden { get; set; }
}

/// <summary>No attribute: served with the type that holds it.</summary>
internal sealed class Unmarked
{
    public string Text { get; set; } = "";

    public Outer.Inner? Inner { get; set; }
}

[StreamType]
internal sealed class Keywords
{
    public int @class { get; set; }

    public string? @event { get; init; }

    public Unmarked? @namespace { get; set; }

    [Obsolete("It is data all the same.")]
    public int Old { get; set; }
}

internal static class Outer
{
    [StreamType]
    internal sealed record Inner(int Number, Deeper<string>.Deepest? Deep);

    internal static class Deeper<T>
    {
        internal sealed record Deepest(T Value, Outer.Inner? Again);
    }
}

[StreamType]
internal sealed record Positive
{
    public Positive(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        Value = value;
    }

    public int Value { get; }
}

[StreamType]
internal sealed record Empty;

[StreamType]
internal sealed record WithCache(int Number)
{
    [IgnoreDataMember]
    public string Cache { get; } = "made anew";
}
