using StreamKit.Serialization;

namespace StreamKit.Tests.Serialization;

/// <summary>Random values come back; random bytes do no harm. The seed is the test's argument.</summary>
public class FuzzTests
{
    // Far above what the longest input here can turn into, far below what one believed header would take.
    private const long MostAllocated = 4 << 20;

    private readonly SerializerRegistry _registry = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RandomValue_OfRandomType_ComesBack(int seed)
    {
        var values = new RandomValues(seed);
        for (var round = 0; round < 40; round++)
        {
            var type = values.NextType(3);
            var serializer = AnySerializer.For(_registry, type);
            for (var i = 0; i < 5; i++)
            {
                var value = values.Next(type);

                var bytes = serializer.Write(value);
                var read = serializer.Read(bytes);

                Assert.Equal(bytes, serializer.Write(read));
                Assert.Equal(value is null, read is null);
                Assert.Equal(Skipped(bytes), bytes.Length);
            }
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void DamagedBytes_OfEveryType_GiveAValueOrOneKindOfException(int seed)
    {
        var random = new Random(seed);
        var values = new RandomValues(seed);
        for (var round = 0; round < 30; round++)
        {
            var type = values.NextType(3);
            var serializer = AnySerializer.For(_registry, type);
            var valid = serializer.Write(values.Next(type));
            for (var i = 0; i < 40; i++)
                ReadHarmlessly(serializer, Damage(random, valid));
        }
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void RandomBytes_ReadAsEverything_GiveAValueOrOneKindOfException(int seed)
    {
        var random = new Random(seed);
        Type[] types = [typeof(Everything), typeof(Node), typeof(List<Node>), typeof(Dictionary<string, int[]>), typeof(Wrapped<Payment>), typeof(Settable), typeof(TypeSchema)];
        foreach (var type in types)
        {
            for (var i = 0; i < 2_000; i++)
            {
                var bytes = new byte[random.Next(64)];
                random.NextBytes(bytes);
                if (type == typeof(TypeSchema))
                    Harmlessly(() => ReadSchema(bytes));
                else
                    ReadHarmlessly(AnySerializer.For(_registry, type), bytes);
            }
        }
    }

    [Fact]
    public void DeepNesting_ReadAsRecursiveType_IsRefused()
    {
        var arrays = new byte[1_000_000];
        arrays.AsSpan().Fill(0x94);
        var serializer = AnySerializer.For(_registry, typeof(Node));

        var error = Assert.Throws<StreamSerializationException>(() => serializer.Read(arrays));

        Assert.Contains("128 levels", error.Message, StringComparison.Ordinal);
        ReadHarmlessly(serializer, arrays);
    }

    [Fact]
    public void NestedLengths_EachAsLongAsTheBytes_TakeNoMemory()
    {
        // [nil, nil, [ a million nodes, the first of which has a million nodes, … ]]: every header is within the bytes, their sum is not.
        var bytes = new byte[1_000_000];
        var at = 0;
        while (at + 8 < bytes.Length / 2)
        {
            byte[] level = [0x94, 0xc0, 0xc0, 0xdd, 0x00, 0x07, 0x00, 0x00];
            level.CopyTo(bytes, at);
            at += level.Length;
        }

        ReadHarmlessly(AnySerializer.For(_registry, typeof(Node)), bytes);
    }

    private static byte[] Damage(Random random, byte[] valid)
    {
        var bytes = (byte[])valid.Clone();
        switch (random.Next(4))
        {
            case 0:
                return bytes[..random.Next(bytes.Length + 1)];
            case 1:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 2:
                byte[] lengths = [0xc6, 0xc9, 0xdb, 0xdd, 0xdf];
                var at = random.Next(bytes.Length);
                return [.. bytes[..at], lengths[random.Next(lengths.Length)], (byte)random.Next(256), 0xff, 0xff, 0xff, .. bytes[at..]];
            default:
                for (var i = random.Next(1, 5); i > 0; i--)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
        }
    }

    private static void ReadHarmlessly(AnySerializer serializer, byte[] bytes) => Harmlessly(() => serializer.Read(bytes));

    private static void Harmlessly(Action read)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read();
        }
        catch (StreamSerializationException)
        {
            // The one exception that is allowed.
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocated);
    }

    private static int Skipped(byte[] bytes)
    {
        var reader = new MessagePackReader(bytes);
        reader.Skip();
        return reader.Position;
    }

    private static void ReadSchema(byte[] bytes)
    {
        var reader = new MessagePackReader(bytes);
        _ = TypeSchema.Read(ref reader).ToString();
    }
}
