namespace StreamKit.Tests.Serialization;

public class MessagePackReaderTests
{
    private delegate void Reading(ref MessagePackReader reader);

    [Theory]
    [InlineData("ddffffffff")]
    [InlineData("dfffffffff")]
    [InlineData("dc0002c0")]
    [InlineData("81c0")]
    [InlineData("dbffffffff")]
    [InlineData("c6ffffffff")]
    [InlineData("c9ffffffff00")]
    [InlineData("c9ffffffff")]
    public void Length_BeyondTheBytes_IsRefusedWithoutAllocating(string hex)
    {
        var bytes = Wire.Bytes(hex);

        Assert.Throws<StreamSerializationException>(() => new MessagePackReader(bytes).Skip());
        Assert.Throws<StreamSerializationException>(() => Read(bytes, (ref r) => r.ReadArrayHeader()));
        Assert.Throws<StreamSerializationException>(() => Read(bytes, (ref r) => r.ReadMapHeader()));
        Assert.Throws<StreamSerializationException>(() => Read(bytes, (ref r) => r.ReadString()));
        Assert.Throws<StreamSerializationException>(() => Read(bytes, (ref r) => r.ReadBytes()));
        Assert.Throws<StreamSerializationException>(() => Read(bytes, (ref r) => r.ReadExtension(out _)));
    }

    [Fact]
    public void Empty_ReadAsAnything_IsRefused()
    {
        Reading[] readings =
        [
            (ref r) => r.ReadNil(), (ref r) => r.ReadBoolean(), (ref r) => r.ReadByte(), (ref r) => r.ReadInt64(), (ref r) => r.ReadSingle(), (ref r) => r.ReadDouble(),
            (ref r) => r.ReadString(), (ref r) => r.ReadStringUtf8(), (ref r) => r.ReadBytes(), (ref r) => r.ReadArrayHeader(), (ref r) => r.ReadMapHeader(),
            (ref r) => r.ReadTimestamp(), (ref r) => r.Skip(), (ref r) => _ = r.NextKind,
        ];

        foreach (var reading in readings)
            Assert.Throws<StreamSerializationException>(() => Read([], reading));

        Assert.False(new MessagePackReader([]).TryReadNil());
    }

    [Fact]
    public void WrongKind_IsNamedWithItsPosition()
    {
        var error = Assert.Throws<StreamSerializationException>(() => Read(Wire.Bytes("05a161"), (ref r) =>
        {
            r.ReadInt32();
            r.ReadBoolean();
        }));

        Assert.Contains("Expected a boolean at byte 1, but found string (0xa1)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Skip_OverNestedValues_LandsBehindThem()
    {
        var bytes = Wire.Write((ref w) =>
        {
            w.WriteMapHeader(2);
            w.Write("a");
            w.WriteArrayHeader(3);
            w.Write(1.5f);
            w.Write(2.5);
            w.WriteExtension(3, [1, 2, 3]);
            w.Write(true);
            w.Write([4, 5]);
            w.Write(42);
        });
        var reader = new MessagePackReader(bytes);

        var raw = reader.ReadRaw();

        Assert.Equal(bytes.Length - 1, raw.Length);
        Assert.Equal(42, reader.ReadInt32());
    }

    [Fact]
    public void Skip_OverAMillionLevels_NeedsNoStack()
    {
        var bytes = new byte[1_000_000];
        bytes.AsSpan().Fill(0x91);
        bytes[^1] = 0xc0;
        var reader = new MessagePackReader(bytes);

        reader.Skip();

        Assert.Equal(0, reader.Remaining);
    }

    [Fact]
    public void Depth_Beyond128_IsRefusedByReaderAndWriter()
    {
        Assert.Throws<StreamSerializationException>(() => Read([0xc0], (ref r) => Enter(ref r, 129)));
        Assert.Throws<StreamSerializationException>(() => Wire.Write((ref w) =>
        {
            for (var i = 0; i < 129; i++)
                w.EnterDepth();
        }));
        Read([0xc0], (ref r) =>
        {
            Enter(ref r, 128);
            r.LeaveDepth();
            r.EnterDepth();
        });

        static void Enter(ref MessagePackReader reader, int times)
        {
            for (var i = 0; i < times; i++)
                reader.EnterDepth();
        }
    }

    private static void Read(byte[] bytes, Reading reading)
    {
        var reader = new MessagePackReader(bytes);
        reading(ref reader);
    }
}
