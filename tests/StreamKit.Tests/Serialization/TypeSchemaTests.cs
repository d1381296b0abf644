using StreamKit.Serialization;

namespace StreamKit.Tests.Serialization;

public class TypeSchemaTests
{
    private readonly SerializerRegistry _registry = new();

    [Theory]
    [InlineData(typeof(int), "int32")]
    [InlineData(typeof(decimal?), "decimal?")]
    [InlineData(typeof(Colour), "Colour: uint8")]
    [InlineData(typeof(byte[]), "bytes")]
    [InlineData(typeof(List<int>), "[int32]")]
    [InlineData(typeof(Dictionary<string, long[]>), "{string → [int64]}")]
    [InlineData(typeof((int, string)), "(int, string) { Item1: int32, Item2: string }")]
    [InlineData(typeof(Payment), "Payment { Amount: float64, At: datetime, Card: string, Id: int64, Merchant: int32 }")]
    [InlineData(typeof(Node), "Node { Left: ^Node, Name: string, Others: [^Node], Right: ^Node }")]
    public void Schema_OfType_ReadsWell(Type type, string expected) => Assert.Equal(expected, _registry.GetSchema(type).ToString());

    [Fact]
    public void Schema_WrittenAndRead_IsTheSame()
    {
        foreach (var type in new[] { typeof(Everything), typeof(Node), typeof(int), typeof(Dictionary<string, Colour?>) })
        {
            var schema = _registry.GetSchema(type);

            var bytes = Wire.Write((ref w) => schema.Write(ref w));
            var reader = new MessagePackReader(bytes);
            var read = TypeSchema.Read(ref reader);

            Assert.Equal(schema.ToString(), read.ToString());
            Assert.Equal(schema.Fingerprint, read.Fingerprint);
            Assert.Equal(bytes, Wire.Write((ref w) => read.Write(ref w)));
            Assert.Equal(0, reader.Remaining);
        }
    }

    [Fact]
    public void Schema_Written_HasTheseBytesForEver()
    {
        var bytes = Wire.Hex((ref w) => _registry.GetSchema(typeof(Point)).Write(ref w));

        Assert.Equal("9305a5506f696e749292a158" + "9300a7666c6f61743634" + "90" + "92a159" + "9300a7666c6f61743634" + "90", bytes);
        Assert.Equal(0x23FB56C0DC300443UL, _registry.GetSchema(typeof(Point)).Fingerprint);
    }

    [Fact]
    public void Fingerprint_TellsWireFormsApartAndNothingElse()
    {
        Assert.Equal(Of<Renamed>(), Of<Point>());
        Assert.Equal(Of<int[]>(), Of<List<int>>());
        Assert.NotEqual(Of<OtherMember>(), Of<Point>());
        Assert.NotEqual(Of<OtherType>(), Of<Point>());
        Assert.NotEqual(Of<int>(), Of<long>());
        Assert.NotEqual(Of<int>(), Of<int?>());

        ulong Of<T>() => _registry.GetSchema(typeof(T)).Fingerprint;
    }

    [Fact]
    public void CustomSerializer_InSchema_IsOpaqueWithItsName()
    {
        _registry.Register(new Coordinates());

        var schema = _registry.GetSchema(typeof(List<Point>));

        Assert.Equal("[custom 'coordinates-2']", schema.ToString());
        Assert.Equal(SchemaKind.Custom, schema.Members[0].Schema.Kind);
    }

    [Theory]
    [InlineData("c0")]
    [InlineData("9300c090")]
    [InlineData("9308a090")]
    [InlineData("9301a090")]
    [InlineData("9300a09192a0c0")]
    [InlineData("9206a0")]
    public void Bytes_ThatAreNoSchema_AreRefused(string hex) => Assert.Throws<StreamSerializationException>(() =>
    {
        var reader = new MessagePackReader(Wire.Bytes(hex));
        TypeSchema.Read(ref reader);
    });

    private readonly record struct Renamed(double X, double Y);

    private readonly record struct OtherMember(double X, double Z);

    private readonly record struct OtherType(double X, float Y);

    private sealed class Coordinates : Serializer<Point>
    {
        public override string Format => "coordinates-2";

        public override void Write(ref MessagePackWriter writer, Point value) => writer.WriteNil();

        public override Point Read(ref MessagePackReader reader)
        {
            reader.ReadNil();
            return default;
        }
    }
}
