using StreamKit.Serialization;

namespace StreamKit.Generators.Tests.Serialization;

/// <summary>The serializers made at compile time are those made at run time: schema, bytes, values, refusals. The seed is the test's argument.</summary>
public class SameBytesTests
{
    private readonly SerializerRegistry _generated = new();
    private readonly SerializerRegistry _runTime = new(static _ => null);

    public static TheoryData<Type> Types =>
    [
        typeof(Payment), typeof(Node), typeof(Scalars), typeof(Collections), typeof(Tuples), typeof(Point), typeof(Place), typeof(PublicFields), typeof(OwnDefault),
        typeof(Settable), typeof(RequiredByConstructor), typeof(PrimaryConstructor), typeof(HandWritten), typeof(SeveralConstructors), typeof(Boxes), typeof(OpenDerived),
        typeof(Unmarked), typeof(Keywords), typeof(Outer.Inner), typeof(Outer.Deeper<string>.Deepest), typeof(Positive), typeof(Empty), typeof(WithCache),
        typeof(Wrapped<int>), typeof(Wrapped<Payment>), typeof(Wrapped<(int, string)>), typeof(Wrapped<decimal?>), typeof(Constrained<string, long>), typeof(List<Payment>), typeof((Point, Colour)),
    ];

    [Theory]
    [MemberData(nameof(Types))]
    public void Schema_OfEachType_IsTheSame(Type type)
    {
        var generated = _generated.GetSchema(type);
        var runTime = _runTime.GetSchema(type);

        Assert.Equal(runTime, generated);
        Assert.Equal(runTime.Fingerprint, generated.Fingerprint);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Values_WrittenAndReadByEither_AreTheSame(Type type)
    {
        var seed = Seed(type);
        var wire = new RandomWire(seed);
        var schema = _runTime.GetSchema(type);
        var (generated, runTime) = (AnySerializer.For(_generated, type), AnySerializer.For(_runTime, type));
        var values = 0;
        for (var i = 0; i < 200; i++)
        {
            var bytes = wire.Next(schema);

            var expected = runTime.Outcome(bytes, runTime);

            Assert.True(expected == generated.Outcome(bytes, runTime), $"seed {seed}, value {i}: {expected} but {generated.Outcome(bytes, runTime)}");
            Assert.True(expected == runTime.Outcome(bytes, generated), $"seed {seed}, value {i}: {expected} but {runTime.Outcome(bytes, generated)}");
            values += expected.Contains(' ', StringComparison.Ordinal) ? 0 : 1;
        }

        Assert.True(values > 20, $"seed {seed}: only {values} of 200 random values were valid.");
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void DamagedBytes_ReadByEither_GiveTheSame(Type type)
    {
        // Far above what the longest input here can turn into, far below what one believed header would take.
        const long MostAllocated = 4 << 20;
        var seed = Seed(type);
        var wire = new RandomWire(seed);
        var schema = _runTime.GetSchema(type);
        var (generated, runTime) = (AnySerializer.For(_generated, type), AnySerializer.For(_runTime, type));
        for (var i = 0; i < 300; i++)
        {
            var bytes = wire.Damage(wire.Next(schema));
            var expected = runTime.Outcome(bytes, runTime);

            var before = GC.GetAllocatedBytesForCurrentThread();
            var actual = generated.Outcome(bytes, generated);

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocated);
            Assert.True(expected == actual, $"seed {seed}, input {i}: {expected} but {actual}");
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Serializer_OfEachObject_IsGenerated(Type type)
    {
        List<string> missing = [];
        Visit(type, []);

        Assert.Empty(missing);

        void Visit(Type part, HashSet<Type> seen)
        {
            if (!seen.Add(part) || ScalarTable.OfValues.Contains(part))
                return;

            // Collections and tuples that no marked type holds are made at run time, of parts that are generated.
            var shape = GeneratedTypes.Find(part);
            if (shape is null && !(type.IsGenericType && (part.IsArray || part.Namespace == "System" || part.Namespace!.StartsWith("System.", StringComparison.Ordinal))))
                missing.Add(part.ToString());
            shape ??= TypeShape.Of(part, ScalarTable.OfValues, static _ => false, static _ => null, [])!;
            foreach (var inner in shape.Parts)
                Visit(inner, seen);
        }
    }

    [Fact]
    public void Collections_OfBothTables_HaveTheSameSerializers()
    {
        var types = typeof(Collections).GetProperties().Select(static p => p.PropertyType).Where(static t => t != typeof(Type)).ToList();

        foreach (var type in types)
        {
            var generated = typeof(SerializerRegistry).GetMethod("Get")!.MakeGenericMethod(type).Invoke(_generated, []);
            var runTime = typeof(SerializerRegistry).GetMethod("Get")!.MakeGenericMethod(type).Invoke(_runTime, []);

            Assert.NotNull(GeneratedTypes.Find(type));
            Assert.Equal(runTime!.GetType(), generated!.GetType());
        }
    }

    [Fact]
    public void DeepNesting_ReadAsRecursiveType_IsRefused()
    {
        var arrays = new byte[1_000_000];
        arrays.AsSpan().Fill(0x94);

        var error = Assert.Throws<StreamSerializationException>(() => AnySerializer.For(_generated, typeof(Node)).Read(arrays));

        Assert.Contains("128 levels", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Derived_WrittenAsItsBase_IsRefused()
    {
        var error = Assert.Throws<StreamSerializationException>(() => AnySerializer.For(_generated, typeof(Wrapped<int>)).Write(new Special(1, [])));

        Assert.Contains("is really a 'Special'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ConstructorThatThrows_OnBytesItRefuses_GivesTheOneException()
    {
        var error = Assert.Throws<StreamSerializationException>(() => AnySerializer.For(_generated, typeof(Positive)).Read([0x91, 0xff]));

        Assert.Contains("'Positive' refused the values", error.Message, StringComparison.Ordinal);
        Assert.IsType<ArgumentOutOfRangeException>(error.InnerException, exactMatch: false);
    }

    [Fact]
    public void CustomSerializer_ForATypeOfAMember_TakesItsPlace()
    {
        _generated.Register(new TextNumberSerializer());
        _generated.Register(new PointSerializer());

        Assert.Equal("92a137c0", Hex(_generated, new OwnDefault { Count = 7 }));
        Assert.Equal("91" + "03", Hex(_generated, new[] { new Point(3, 4) }));
    }

    [Fact]
    public void CustomSerializer_ForAMarkedType_TakesItsPlace()
    {
        _generated.Register(new PointSerializer());

        Assert.Equal("03", Hex(_generated, new Point(3, 4)));
    }

    [Fact]
    public void Keys_OfMarkedTypes_AreCanonical()
    {
        var place = new Place("x", 1.10m, new Point(-0.0, double.NaN), -0.0f, new DateTimeOffset(2024, 1, 1, 2, 0, 0, TimeSpan.FromHours(2)));
        var same = new Place("x", 1.1m, new Point(0.0, -double.NaN), 0.0f, new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));

        Assert.Equal(KeyBytes(_runTime, place), KeyBytes(_generated, place));
        Assert.Equal(KeyBytes(_generated, place), KeyBytes(_generated, same));
        Assert.Equal(_runTime.GetKey<Place>().Hash(place), _generated.GetKey<Place>().Hash(same));
        Assert.Equal(_runTime.CheckKey(typeof(WithCache)), _generated.CheckKey(typeof(WithCache)));
        Assert.Equal(_runTime.CheckKey(typeof(Settable)), _generated.CheckKey(typeof(Settable)));
        Assert.Equal(_runTime.CheckKey(typeof(Payment)), _generated.CheckKey(typeof(Payment)));
    }

    private static byte[] KeyBytes<TKey>(SerializerRegistry registry, TKey key)
    {
        using var buffer = new PooledBufferWriter();
        registry.GetKey<TKey>().Write(buffer, key);
        return buffer.WrittenSpan.ToArray();
    }

    private static string Hex<T>(SerializerRegistry registry, T value) => Convert.ToHexStringLower(new AnySerializer<T>(registry).Write(value));

    // The same in every run: a failure names it, and it is the type's own.
    private static int Seed(Type type) => int.TryParse(Environment.GetEnvironmentVariable("STREAMKIT_TEST_SEED"), out var seed) ? seed : type.ToString().Length * 7919;

    private sealed record Special(int Value, int[] More) : Wrapped<int>(Value, More);

    private sealed class TextNumberSerializer : Serializer<int>
    {
        public override void Write(ref MessagePackWriter writer, int value) => writer.Write($"{value}");

        public override int Read(ref MessagePackReader reader) => int.Parse(reader.ReadString()!, System.Globalization.CultureInfo.InvariantCulture);
    }

    private sealed class PointSerializer : Serializer<Point>
    {
        public override void Write(ref MessagePackWriter writer, Point value) => writer.Write((long)value.X);

        public override Point Read(ref MessagePackReader reader) => new(reader.ReadInt64(), 0);
    }
}
