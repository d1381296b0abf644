using System.Collections.Immutable;
using System.Runtime.Serialization;

namespace StreamKit.Tests.Serialization;

internal enum Colour : byte
{
    Red = 1,
    Green = 200,
}

internal enum Signed : short
{
    Below = -7,
    Above = 7,
}

/// <summary>The record of the measurements: five fields, 41 bytes.</summary>
internal sealed record Payment(long Id, string Card, DateTime At, double Amount, int Merchant);

internal sealed record Node(string Name, Node? Left, Node? Right, List<Node>? Others = null);

internal sealed class Settable
{
    public required int Number { get; init; }

    public string? Text { get; set; }

    public Dictionary<string, List<int>> Index { get; set; } = [];

    public int Doubled => Number * 2;
}

internal sealed class PrimaryConstructor(int number, IReadOnlyList<string> names)
{
    public int Number { get; } = number;

    public IReadOnlyList<string> Names => names;
}

internal struct PublicFields
{
    public int X;
    public string? Y;
    public Colour Z;
}

internal readonly record struct Point(double X, double Y);

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
}

internal sealed record Wrapped<T>(T Value, T[] More);

internal class OpenBase
{
    public int Inherited { get; set; }
}

internal sealed class OpenDerived : OpenBase
{
    public int Own { get; set; }
}

internal sealed record WithCache(int Number)
{
    [IgnoreDataMember]
    public string Cache { get; } = "made anew";
}

internal sealed record Everything(
    bool Bool,
    sbyte I8,
    byte U8,
    short I16,
    ushort U16,
    int I32,
    uint U32,
    long I64,
    ulong U64,
    float F32,
    double F64,
    decimal Money,
    char Char,
    string? Text,
    Guid Id,
    DateTime At,
    DateTimeOffset There,
    TimeSpan For,
    Colour Colour,
    int? Maybe,
    byte[]? Bytes,
    (int, string) Pair,
    List<Point> Points,
    Dictionary<string, decimal> Prices,
    ImmutableArray<long> Longs,
    Node? Tree);
