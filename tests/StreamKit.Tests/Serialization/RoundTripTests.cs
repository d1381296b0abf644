using System.Collections.Immutable;
using System.Numerics;
using System.Text;
using StreamKit.Serialization;

namespace StreamKit.Tests.Serialization;

/// <summary>Every row of the table in docs/serialization.md: the bytes, and the way back.</summary>
public class RoundTripTests
{
    private readonly SerializerRegistry _registry = new();

    [Fact]
    public void Numbers_OfEveryType_AreTheShortestNumbers()
    {
        Check(true, "c3");
        Check<sbyte>(-128, "d080");
        Check<byte>(255, "ccff");
        Check<short>(-129, "d1ff7f");
        Check<ushort>(65535, "cdffff");
        Check(-1, "ff");
        Check(uint.MaxValue, "ceffffffff");
        Check(long.MinValue, "d38000000000000000");
        Check(ulong.MaxValue, "cfffffffffffffffff");
        Check(Colour.Green, "ccc8");
        Check(Signed.Below, "f9");
        Check((Colour)17, "11");
    }

    [Fact]
    public void WideNumbers_Written_ArePlainWhereTheyFitAndBytesBeyond()
    {
        Check<Int128>(5, "05");
        Check<Int128>(-5, "fb");
        Check<Int128>(ulong.MaxValue, "cfffffffffffffffff");
        Check(Int128.MinValue, "c41080000000000000000000000000000000");
        Check(Int128.MaxValue, "c4107fffffffffffffffffffffffffffffff");
        Check<UInt128>(5, "05");
        Check(UInt128.MaxValue, "c41100ffffffffffffffffffffffffffffffff");
        Check<BigInteger>(-5, "fb");
        Check<BigInteger>(ulong.MaxValue, "cfffffffffffffffff");
        Check(BigInteger.Pow(2, 64), "c409010000000000000000");
        Check(-BigInteger.Pow(2, 63) - 1, "c409ff7fffffffffffffff");
    }

    [Fact]
    public void Floats_Written_KeepEveryBit()
    {
        Check((Half)1.5, "ca3fc00000");
        Check(1.5f, "ca3fc00000");
        Check(-0.0, "cb8000000000000000");
        Check(double.NaN, "cbfff8000000000000");
        Check(double.PositiveInfinity, "cb7ff0000000000000");
        Check(Half.NaN);
        Check(float.Epsilon);
    }

    [Fact]
    public void Decimal_Written_IsUnscaledAndScale()
    {
        Check(12.34m, "92cd04d202");
        Check(-12.34m, "92d1fb2e02");
        Check(0m, "920000");
        Check(1.10m, "926e02");
        Check(18446744073709551615m, "92cfffffffffffffffff00");
        Check(-9223372036854775808m, "92d3800000000000000000");
        Check(decimal.MaxValue, "92c40d00ffffffffffffffffffffffff00");
        Check(decimal.MinValue, "92c40dff00000000000000000000000100");
        Check(0.0000000000000000000000000001m, "92011c");
        Assert.Equal("1.10", RoundTrip(1.10m).ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Texts_Written_AreStringsOrCodePoints()
    {
        Check("é", "a2c3a9");
        Check<string?>(null, "c0");
        Check('A', "41");
        Check('\ud83d', "cdd83d");
        Check(new Rune(0x1f600), "ce0001f600");
        Check(new Uri("https://example.org/a?b=%20"));
        Check(new Uri("../relative", UriKind.Relative), "ab" + Convert.ToHexStringLower("../relative"u8));
        Check(new Version(1, 2, 3), "a5" + Convert.ToHexStringLower("1.2.3"u8));
        Check<Uri?>(null, "c0");
        Check<Version?>(null, "c0");
        Check(new Guid("00112233-4455-6677-8899-aabbccddeeff"), "c41000112233445566778899aabbccddeeff");
    }

    [Fact]
    public void Times_Written_KeepKindAndOffset()
    {
        Check(new DateTime(2024, 5, 1, 12, 30, 0, DateTimeKind.Utc), "d6ff663235c8");
        Check(new DateTime(2024, 5, 1, 12, 30, 0, DateTimeKind.Unspecified), "9200d6ff663235c8");
        Check(new DateTime(2024, 5, 1, 12, 30, 0, DateTimeKind.Local), "9202d6ff663235c8");
        Check(new DateTimeOffset(2024, 5, 1, 12, 30, 0, TimeSpan.Zero), "d6ff663235c8");
        Check(new DateTimeOffset(2024, 5, 1, 14, 30, 0, TimeSpan.FromHours(2)), "92d6ff663235c878");
        Check(DateTime.MinValue);
        Check(DateTime.MaxValue);
        Check(DateTimeOffset.MinValue);
        Check(DateTimeOffset.MaxValue);
        Check(TimeSpan.FromSeconds(1), "ce00989680");
        Check(TimeSpan.MinValue);
        Check(new DateOnly(1, 1, 2), "01");
        Check(DateOnly.MaxValue);
        Check(new TimeOnly(1), "01");
        Check(TimeOnly.MaxValue);
        Assert.Equal(DateTimeKind.Local, RoundTrip(new DateTime(1, DateTimeKind.Local)).Kind);
        Assert.Equal(DateTimeKind.Unspecified, RoundTrip(new DateTime(1, DateTimeKind.Unspecified)).Kind);
        Assert.Equal(DateTimeKind.Utc, RoundTrip(new DateTime(1, DateTimeKind.Utc)).Kind);
        Assert.Equal(TimeSpan.FromMinutes(-90), RoundTrip(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.FromMinutes(-90))).Offset);
    }

    [Fact]
    public void Bytes_Written_AreBinary()
    {
        Check<byte[]>([1, 2], "c4020102");
        Check<byte[]?>(null, "c0");
        Assert.Equal([1, 2], RoundTrip<ReadOnlyMemory<byte>>(new byte[] { 1, 2 }, "c4020102").ToArray());
        Assert.Equal([1, 2], RoundTrip<Memory<byte>>(new byte[] { 1, 2 }, "c4020102").ToArray());
    }

    [Fact]
    public void Nullables_Written_AreNilOrTheValue()
    {
        Check<int?>(null, "c0");
        Check<int?>(5, "05");
        Check<Point?>(null, "c0");
        Check<Point?>(new Point(1, 2));
    }

    [Fact]
    public void Sequences_OfEveryKind_AreArrays()
    {
        Check<int[]>([1, 2, 3], "93010203");
        Check<int[]?>(null, "c0");
        Check<int[][]>([[1], [], [2, 3]], "93910190920203");
        Check<string?[]>(["a", null], "92a161c0");
        Check<List<int>>([1, 2, 3], "93010203");
        Check<List<int>?>(null, "c0");
        Check<IEnumerable<int>>(Enumerable.Range(1, 3), "93010203");
        Check<ICollection<int>>([1, 2, 3], "93010203");
        Check<IList<int>>([1, 2, 3], "93010203");
        Check<IReadOnlyCollection<int>>([1, 2, 3], "93010203");
        Check<IReadOnlyList<int>>([1, 2, 3], "93010203");
        Check<HashSet<int>>([3, 1, 2], "93030102");
        Check<ISet<int>>(new HashSet<int> { 3, 1 }, "920301");
        Check<IReadOnlySet<int>>(new HashSet<int> { 3, 1 }, "920301");
        Check<SortedSet<int>>([3, 1, 2], "93010203");
        Check(new Queue<int>([1, 2, 3]), "93010203");
        Check(new LinkedList<int>([1, 2, 3]), "93010203");
        Check<ImmutableArray<int>>([1, 2, 3], "93010203");
        Check<ImmutableList<int>>([1, 2, 3], "93010203");
        Check<ImmutableHashSet<int>>([1], "9101");
        Assert.True(RoundTrip<ImmutableArray<int>>(default, "c0").IsDefault);
        Assert.IsType<List<int>>(RoundTrip<IReadOnlyList<int>>([1]));
    }

    [Fact]
    public void Stack_RoundTripped_PopsInTheSameOrder()
    {
        var stack = new Stack<int>([1, 2, 3]);

        var read = RoundTrip(stack, "93030201");

        Assert.Equal([3, 2, 1], read.ToArray());
        Assert.Equal(3, read.Pop());
    }

    [Fact]
    public void Maps_OfEveryKind_AreMaps()
    {
        Check(new Dictionary<string, int> { ["b"] = 1, ["a"] = 2 }, "82a16201a16102");
        Check<Dictionary<string, int>?>(null, "c0");
        Check<IDictionary<int, string?>>(new Dictionary<int, string?> { [1] = null }, "8101c0");
        Check<IReadOnlyDictionary<int, int>>(new Dictionary<int, int> { [1] = 2 }, "810102");
        Check(new SortedDictionary<int, int> { [2] = 1, [1] = 2 }, "8201020201");
        Check(ImmutableDictionary<int, int>.Empty.Add(1, 2), "810102");
        Check(KeyValuePair.Create("a", 1), "92a16101");
    }

    [Fact]
    public void Tuples_Written_AreArraysInOrder()
    {
        Check((1, "a"), "9201a161");
        Check((First: 1, Second: (2, 3)), "9201920203");
        Check(Tuple.Create(1, "a"), "9201a161");
        Check(ValueTuple.Create(7), "9107");
        Check((1, 2, 3, 4, 5, 6, 7, 8, 9), "9801020304050607920809");
        Check(Tuple.Create(1, 2, 3, 4, 5, 6, 7, 8), "98010203040506079108");
        Check<Tuple<int>?>(null, "c0");
    }

    [Fact]
    public void Record_Written_IsItsMembersOrderedByName()
    {
        var payment = new Payment(1_234_567_890, "card-00042", new DateTime(2024, 5, 1, 12, 30, 0, 500, DateTimeKind.Utc), 99.95, 70_000);

        Check(payment, "95" + "cb4058fccccccccccd" + "d7ff77359400663235c8" + "aa636172642d3030303432" + "ce499602d2" + "ce00011170");
    }

    [Fact]
    public void Objects_OfEveryKind_AreMadeAgain()
    {
        Check(new Point(1, -2));
        Check<Payment?>(null, "c0");
        RoundTrip(new Node("root", new Node("left", null, null), null, [new Node("other", null, null)]));
        RoundTrip(new Wrapped<int>(1, [2, 3]), "9292020301");
        RoundTrip(new Wrapped<Wrapped<string>>(new Wrapped<string>("a", []), []));

        var fields = RoundTrip(new PublicFields { X = 1, Y = "y", Z = Colour.Red }, "9301a17901");
        Assert.Equal((1, "y", Colour.Red), (fields.X, fields.Y, fields.Z));

        var settable = RoundTrip(new Settable { Number = 5, Text = "t", Index = { ["a"] = [1] } });
        Assert.Equal((5, "t", 10), (settable.Number, settable.Text, settable.Doubled));
        Assert.Equal([1], settable.Index["a"]);

        var primary = RoundTrip(new PrimaryConstructor(3, ["a", "b"]), "9292a161a16203");
        Assert.Equal(3, primary.Number);
        Assert.Equal(["a", "b"], primary.Names);

        var handWritten = RoundTrip(new HandWritten("n") { Count = 2 }, "9202a16e");
        Assert.Equal(("n", 2), (handWritten.Name, handWritten.Count));

        var derived = RoundTrip(new OpenDerived { Inherited = 1, Own = 2 }, "920102");
        Assert.Equal((1, 2), (derived.Inherited, derived.Own));

        var anonymous = new { A = 1, B = "b" };
        Assert.Equal(anonymous, RoundTrip(anonymous, "9201a162"));

        Assert.Equal("made anew", RoundTrip(new WithCache(1), "9101").Cache);
    }

    [Fact]
    public void DerivedValue_WhereTheBaseIsDeclared_IsRefused()
    {
        var error = Assert.Throws<StreamSerializationException>(() => RoundTrip<OpenBase>(new OpenDerived()));

        Assert.Contains("'OpenBase' is really a 'OpenDerived'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cycle_Written_IsRefusedByDepth()
    {
        var others = new List<Node>();
        var cycle = new Node("me", null, null, others);
        others.Add(cycle);

        var error = Assert.Throws<StreamSerializationException>(() => RoundTrip(cycle));

        Assert.Contains("128 levels", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Serializer_OfRecursiveType_IsOneForAllLevels()
    {
        var chain = Enumerable.Range(0, 100).Aggregate((Node?)null, (next, i) => new Node($"{i}", next, null));

        Assert.Equal(chain, RoundTrip(chain));
    }

    [Fact]
    public void Member_WrittenByReflection_HasTheSameBytes()
    {
        var shape = ObjectShape.Of(typeof(Settable), []);
        object[] serializers = [_registry.Get<Dictionary<string, List<int>>>(), _registry.Get<int>(), _registry.Get<string>()];
        var reflected = new ReflectedMembers<Settable>(shape, serializers);
        var value = new Settable { Number = 5, Text = "t", Index = { ["a"] = [1] } };

        var bytes = Wire.Write((ref w) => reflected.Write(ref w, value));
        var reader = new MessagePackReader(bytes);
        var read = reflected.Read(ref reader);

        Assert.Equal(Wire.Hex((ref w) => _registry.Get<Settable>().Write(ref w, value)), Convert.ToHexStringLower(bytes));
        Assert.Equal((5, "t"), (read.Number, read.Text));
        Assert.Equal([1], read.Index["a"]);
    }

    [Fact]
    public void Struct_WrittenByReflection_HasTheSameBytes()
    {
        var shape = ObjectShape.Of(typeof(PublicFields), []);
        var reflected = new ReflectedMembers<PublicFields>(shape, [_registry.Get<int>(), _registry.Get<string>(), _registry.Get<Colour>()]);
        var value = new PublicFields { X = 1, Y = "y", Z = Colour.Red };

        var bytes = Wire.Write((ref w) => reflected.Write(ref w, value));
        var reader = new MessagePackReader(bytes);

        Assert.Equal("9301a17901", Convert.ToHexStringLower(bytes));
        Assert.Equal(value, reflected.Read(ref reader));
    }

    private void Check<T>(T value, string? hex = null)
    {
        var read = RoundTrip(value, hex);

        Assert.Equal(value, read);
    }

    private T RoundTrip<T>(T value, string? hex = null)
    {
        var serializer = _registry.Get<T>();
        var bytes = Wire.Write((ref w) => serializer.Write(ref w, value));
        if (hex is not null)
            Assert.Equal(hex, Convert.ToHexStringLower(bytes));

        var reader = new MessagePackReader(bytes);
        var read = serializer.Read(ref reader);
        Assert.Equal(0, reader.Remaining);
        Assert.Equal(bytes, Wire.Write((ref w) => serializer.Write(ref w, read)));
        return read;
    }
}
