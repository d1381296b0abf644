using System.Numerics;
using System.Text;
using StreamKit.Serialization;

namespace StreamKit.Tests.Serialization;

public class KeySerializerTests
{
    private readonly SerializerRegistry _registry = new();

    [Fact]
    public void Key_OfEveryType_HasCanonicalBytesAndTheirHash()
    {
        Check(5, "05", KeyHash.Of(5));
        Check(-5L, "fb", KeyHash.Of(-5));
        Check(ulong.MaxValue, "cfffffffffffffffff", KeyHash.Of(-1));
        Check((sbyte)-1, "ff", KeyHash.Of(-1));
        Check((byte)200, "ccc8", KeyHash.Of(200));
        Check((short)-1, "ff", KeyHash.Of(-1));
        Check(ushort.MaxValue, "cdffff", KeyHash.Of(65535));
        Check(uint.MaxValue, "ceffffffff", KeyHash.Of(uint.MaxValue));
        Check('A', "41", KeyHash.Of(65));
        Check(true, "c3", KeyHash.Of(1));
        Check(Colour.Green, "ccc8", KeyHash.Of(200));
        Check(Signed.Below, "f9", KeyHash.Of(-7));
        Check(new Rune('A'), "41", KeyHash.Of(65));
        Check(new TimeSpan(7), "07", KeyHash.Of(7));
        Check(new DateOnly(1, 1, 2), "01", KeyHash.Of(1));
        Check((Int128)7, "07", KeyHash.Of(7));
        Check((BigInteger)7, "07", KeyHash.Of(7));
        Check("é", "a2c3a9", XxHash64.Of("é"u8));
        Check("", "a0", XxHash64.Of([]));
        Check(new Guid("00112233-4455-6677-8899-aabbccddeeff"), "c41000112233445566778899aabbccddeeff");
        Check(1.5, "cb3ff8000000000000");
        Check(1.5m, "920f01");
        Check((1, "a"), "9201a161");
        Check((Colour.Red, (int?)null, (long?)7), "9301c007");
        Check(Tuple.Create(1, "a"), "9201a161");
        Check(new Point(1, 2), "92cb3ff0000000000000cb4000000000000000");
        Check(new CardKey("c", 7), "92a16307");
        Check(new DateTimeOffset(2024, 5, 1, 12, 30, 0, TimeSpan.Zero), "d6ff663235c8");
    }

    [Fact]
    public void Hash_OfSomeKeys_NeverChanges()
    {
        Assert.Equal(0xE220A8397B1DCDAFUL, Hash(0));
        Assert.Equal(0xD24EC4F1A98C6E5BUL, Hash("a"));
        Assert.Equal(0x8AE0202670DE93CCUL, Hash((1, "a")));
        Assert.Equal(0x525CC17CBEB600BEUL, Hash(new Guid("00112233-4455-6677-8899-aabbccddeeff")));
    }

    [Fact]
    public void EqualKeys_InDifferentForms_HaveEqualBytesAndHash()
    {
        Same(1.10m, 1.1m);
        Same(100m, 1e2m);
        Same(-1.10m, -1.1m);
        Same(12345678901234567890123.4500m, 12345678901234567890123.45m);
        Same(79228162514264337593543950330m, 79228162514264337593543950330m);
        Same(1.0000000000000000000000000000m, 1m);
        Same(0m, 0.000m);
        Same(-0.0m, 0m);
        Same(0.0, -0.0);
        Same(0f, -0f);
        Same(double.NaN, BitConverter.UInt64BitsToDouble(0x7ff8000000000123));
        Same(float.NaN, BitConverter.UInt32BitsToSingle(0xffc00123));
        Same(Half.NaN, BitConverter.UInt16BitsToHalf(0x7e01));
        Same(new DateTimeOffset(2024, 5, 1, 12, 0, 0, TimeSpan.Zero), new DateTimeOffset(2024, 5, 1, 14, 0, 0, TimeSpan.FromHours(2)));
        Same((1.10m, -0.0), (1.1m, 0.0));
        Same(new Price(1.10m, null), new Price(1.1m, null));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Keys_OfRandomPairs_AreEqualExactlyWhenTheirBytesAre(int seed)
    {
        var random = new Random(seed);
        Pairs(() => (new decimal(random.Next(-20, 20), 0, 0, false, (byte)random.Next(3)), random.Next(3)));
        Pairs(() => (random.Next(3) == 0 ? double.NaN : random.Next(-1, 2) * 0.0, (Half)random.Next(2)));
        Pairs(() => new DateTimeOffset(2024, 1, 1, 12, 0, 0, TimeSpan.FromHours(random.Next(-2, 3))).AddHours(random.Next(3)));
        Pairs(() => new CardKey(random.Next(2) == 0 ? "a" : "b", random.Next(2)));
        Pairs(() => (random.Next(2) == 0 ? null : "x", random.Next(2) == 0 ? (int?)null : random.Next(2)));

        void Pairs<TKey>(Func<TKey> next)
        {
            var keys = _registry.GetKey<TKey>();
            for (var i = 0; i < 300; i++)
            {
                var (left, right) = (next(), next());

                var bytesAreEqual = Bytes(keys, left).AsSpan().SequenceEqual(Bytes(keys, right));

                Assert.Equal(bytesAreEqual, keys.Equals(left, right));
                Assert.Equal(bytesAreEqual, keys.Hash(left) == keys.Hash(right));
            }
        }
    }

    [Fact]
    public void NullKey_IsRefusedNamingTheType()
    {
        var keys = _registry.GetKey<string>();

        var error = Assert.Throws<StreamSerializationException>(() => keys.Hash(null!));

        Assert.Contains("'string' is null", error.Message, StringComparison.Ordinal);
        Assert.Throws<StreamSerializationException>(() => Bytes(keys, null!));
        Assert.Throws<StreamSerializationException>(() => keys.Read([0xc0]));
        Assert.Throws<StreamSerializationException>(() => _registry.GetKey<CardKey>().Hash(null!));
    }

    [Fact]
    public void Bytes_ThatAreNotOneKey_AreRefused()
    {
        Assert.Throws<StreamSerializationException>(() => _registry.GetKey<int>().Read([]));
        Assert.Throws<StreamSerializationException>(() => _registry.GetKey<int>().Read([1, 2]));
        Assert.Throws<StreamSerializationException>(() => _registry.GetKey<(int, int)>().Read([0x92, 1]));
    }

    [Theory]
    [InlineData(typeof(DateTime), "'DateTime'", "unknown kind", "DateTimeOffset")]
    [InlineData(typeof((int, DateTime)), "'(int, DateTime).Item2'", "unknown kind", "DateTimeOffset")]
    [InlineData(typeof(byte[]), "'byte[]'", "equality that differs", "tuple")]
    [InlineData(typeof(int[]), "'int[]'", "the collection 'int[]'", "tuple")]
    [InlineData(typeof(Dictionary<int, int>), "'Dictionary<int, int>'", "the collection", "tuple")]
    [InlineData(typeof(Uri), "'Uri'", "equality that differs", "string")]
    [InlineData(typeof(KeyValuePair<int, int>), "'KeyValuePair<int, int>'", "no equality of its own", "tuple")]
    [InlineData(typeof(PublicFields), "'PublicFields'", "the struct 'PublicFields' is no record", "record struct")]
    [InlineData(typeof(Settable), "'Settable'", "the class 'Settable' is no record", "'record'")]
    [InlineData(typeof(WithCache), "'WithCache'", "leaves members out", "tuple")]
    [InlineData(typeof(OwnEquals), "'OwnEquals'", "an 'Equals' of its own", "tuple")]
    [InlineData(typeof(OwnEqualsStruct), "'OwnEqualsStruct'", "an 'Equals' of its own", "tuple")]
    [InlineData(typeof(Inherits), "'Inherits'", "the type 'InheritedEquals' has an 'Equals' of its own", "tuple")]
    [InlineData(typeof(object), "'object'", "abstract", "Key by a string")]
    public void TypeThatIsNoKey_Checked_NamesMemberCauseAndRemedy(Type type, string path, string cause, string remedy)
    {
        var problem = Assert.Single(_registry.CheckKey(type));

        Assert.StartsWith(path, problem, StringComparison.Ordinal);
        Assert.Contains(cause, problem, StringComparison.Ordinal);
        Assert.Contains(remedy, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void AllProblems_OfAKey_AreListed()
    {
        var problems = _registry.CheckKey(typeof((DateTime, int[], CardKey)));

        Assert.Equal(2, problems.Count);
        Assert.Throws<StreamSerializationException>(() => _registry.GetKey<(DateTime, int[], CardKey)>());
    }

    [Fact]
    public void HashAndEquals_OfCommonKeys_AllocateNothing()
    {
        Measure(5);
        Measure(5L);
        Measure("a string of moderate length, with an é");
        Measure(new Guid("00112233-4455-6677-8899-aabbccddeeff"));
        Measure((5, "text", new Guid("00112233-4455-6677-8899-aabbccddeeff")));
        Measure(Colour.Red);
        Measure(12.50m);
        Measure(new Point(1, 2));
        Measure(new CardKey("c", 1));

        void Measure<TKey>(TKey key)
        {
            var keys = _registry.GetKey<TKey>();
            Run(keys, key);
            var before = GC.GetAllocatedBytesForCurrentThread();

            Run(keys, key);

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        static void Run<TKey>(KeySerializer<TKey> keys, TKey key)
        {
            for (var i = 0; i < 100; i++)
            {
                keys.Hash(key);
                keys.Equals(key, key);
            }
        }
    }

    private ulong Hash<TKey>(TKey key) => _registry.GetKey<TKey>().Hash(key);

    private void Same<TKey>(TKey left, TKey right)
    {
        var keys = _registry.GetKey<TKey>();

        Assert.True(keys.Equals(left, right));
        Assert.Equal(Bytes(keys, left), Bytes(keys, right));
        Assert.Equal(keys.Hash(left), keys.Hash(right));
    }

    private void Check<TKey>(TKey key, string hex, ulong? hash = null)
    {
        var keys = _registry.GetKey<TKey>();
        var bytes = Bytes(keys, key);

        Assert.Equal(hex, Convert.ToHexStringLower(bytes));
        Assert.True(keys.Equals(key, keys.Read(bytes)));
        Assert.Equal(hash ?? XxHash64.Of(bytes), keys.Hash(key));
        Assert.Equal(keys.Hash(key), KeyHash.OfCanonical(bytes));
    }

    private static byte[] Bytes<TKey>(KeySerializer<TKey> keys, TKey key)
    {
        using var buffer = new PooledBufferWriter();
        keys.Write(buffer, key);
        return buffer.WrittenSpan.ToArray();
    }

    private sealed record CardKey(string Card, int Region);

    private sealed record Price(decimal Amount, string? Currency);

    private sealed record OwnEquals(int Number)
    {
        public bool Equals(OwnEquals? other) => other is not null && other.Number % 10 == Number % 10;

        public override int GetHashCode() => Number % 10;
    }

    private readonly record struct OwnEqualsStruct(int Number)
    {
        public bool Equals(OwnEqualsStruct other) => other.Number % 10 == Number % 10;

        public override int GetHashCode() => Number % 10;
    }

    private record InheritedEquals(int Number)
    {
        public virtual bool Equals(InheritedEquals? other) => other is not null;

        public override int GetHashCode() => 0;
    }

    private sealed record Inherits(int Number, int Other) : InheritedEquals(Number);
}
