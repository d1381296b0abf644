using StreamKit.Serialization;

namespace StreamKit.Tests.Serialization;

/// <summary>Golden bytes: the format is the specification's, for ever.</summary>
public class MessagePackFormatTests
{
    public static TheoryData<long, string> Integers => new()
    {
        { 0, "00" }, { 1, "01" }, { 127, "7f" },
        { 128, "cc80" }, { 255, "ccff" }, { 256, "cd0100" }, { 65535, "cdffff" },
        { 65536, "ce00010000" }, { 4294967295, "ceffffffff" }, { 4294967296, "cf0000000100000000" },
        { long.MaxValue, "cf7fffffffffffffff" },
        { -1, "ff" }, { -32, "e0" }, { -33, "d0df" }, { -128, "d080" }, { -129, "d1ff7f" }, { -32768, "d18000" },
        { -32769, "d2ffff7fff" }, { int.MinValue, "d280000000" }, { int.MinValue - 1L, "d3ffffffff7fffffff" },
        { long.MinValue, "d38000000000000000" },
    };

    [Theory]
    [MemberData(nameof(Integers))]
    public void Integer_Written_IsTheShortestEncodingAndReadsBack(long value, string hex)
    {
        var written = Wire.Hex((ref w) => w.Write(value));
        var reader = new MessagePackReader(Wire.Bytes(hex));

        Assert.Equal(hex, written);
        Assert.Equal(MessagePackKind.Integer, reader.NextKind);
        Assert.Equal(value, reader.ReadInt64());
        Assert.Equal(0, reader.Remaining);
    }

    [Theory]
    [InlineData("cc05")]
    [InlineData("cd0005")]
    [InlineData("ce00000005")]
    [InlineData("cf0000000000000005")]
    [InlineData("d005")]
    [InlineData("d10005")]
    [InlineData("d200000005")]
    [InlineData("d30000000000000005")]
    public void Integer_InALongerEncoding_IsReadAsEveryType(string hex)
    {
        Assert.Equal(5, new MessagePackReader(Wire.Bytes(hex)).ReadByte());
        Assert.Equal(5, new MessagePackReader(Wire.Bytes(hex)).ReadSByte());
        Assert.Equal(5, new MessagePackReader(Wire.Bytes(hex)).ReadInt16());
        Assert.Equal(5, new MessagePackReader(Wire.Bytes(hex)).ReadUInt16());
        Assert.Equal(5, new MessagePackReader(Wire.Bytes(hex)).ReadInt32());
        Assert.Equal(5u, new MessagePackReader(Wire.Bytes(hex)).ReadUInt32());
        Assert.Equal(5, new MessagePackReader(Wire.Bytes(hex)).ReadInt64());
        Assert.Equal(5u, new MessagePackReader(Wire.Bytes(hex)).ReadUInt64());
        Assert.Equal(5, new MessagePackReader(Wire.Bytes(hex)).ReadSingle());
        Assert.Equal(5, new MessagePackReader(Wire.Bytes(hex)).ReadDouble());
    }

    [Fact]
    public void Integer_OutOfRange_NamesTheNumberAndTheBounds()
    {
        var error = Assert.Throws<StreamSerializationException>(() => new MessagePackReader(Wire.Bytes("cd0100")).ReadByte());

        Assert.Contains("256", error.Message, StringComparison.Ordinal);
        Assert.Contains("0 to 255", error.Message, StringComparison.Ordinal);
        Assert.Throws<StreamSerializationException>(() => new MessagePackReader(Wire.Bytes("ff")).ReadUInt64());
        Assert.Throws<StreamSerializationException>(() => new MessagePackReader(Wire.Bytes("ff")).ReadUInt32());
        Assert.Throws<StreamSerializationException>(() => new MessagePackReader(Wire.Bytes("cfffffffffffffffff")).ReadInt64());
        Assert.Throws<StreamSerializationException>(() => new MessagePackReader(Wire.Bytes("cfffffffffffffffff")).ReadInt32());
        Assert.Equal(ulong.MaxValue, new MessagePackReader(Wire.Bytes("cfffffffffffffffff")).ReadUInt64());
    }

    [Fact]
    public void SmallValues_Written_AreTheSpecificationsBytes()
    {
        Assert.Equal("c0", Wire.Hex((ref w) => w.WriteNil()));
        Assert.Equal("c2", Wire.Hex((ref w) => w.Write(false)));
        Assert.Equal("c3", Wire.Hex((ref w) => w.Write(true)));
        Assert.Equal("ca3fc00000", Wire.Hex((ref w) => w.Write(1.5f)));
        Assert.Equal("cb3ff8000000000000", Wire.Hex((ref w) => w.Write(1.5)));
        Assert.Equal("cfffffffffffffffff", Wire.Hex((ref w) => w.Write(ulong.MaxValue)));
        Assert.Equal("c0", Wire.Hex((ref w) => w.Write((string?)null)));
        Assert.Equal("a0", Wire.Hex((ref w) => w.Write("")));
        Assert.Equal("a2c3a9", Wire.Hex((ref w) => w.Write("é")));
        Assert.Equal("a4f09f9880", Wire.Hex((ref w) => w.Write("😀")));
        Assert.Equal("c403010203", Wire.Hex((ref w) => w.Write([1, 2, 3])));
        Assert.Equal("93010203", Wire.Hex((ref w) => w.WriteRaw([0x93, 1, 2, 3])));
        Assert.Equal("d60501020304", Wire.Hex((ref w) => w.WriteExtension(5, [1, 2, 3, 4])));
        Assert.Equal("c70305010203", Wire.Hex((ref w) => w.WriteExtension(5, [1, 2, 3])));
    }

    [Theory]
    [InlineData(31, "bf")]
    [InlineData(32, "d920")]
    [InlineData(255, "d9ff")]
    [InlineData(256, "da0100")]
    [InlineData(65535, "daffff")]
    [InlineData(65536, "db00010000")]
    public void String_OfEveryLengthClass_HasTheShortestHeaderAndReadsBack(int length, string header)
    {
        var text = new string('x', length);

        var bytes = Wire.Write((ref w) => w.Write(text));
        var fromUtf8 = Wire.Write((ref w) => w.WriteStringUtf8(System.Text.Encoding.UTF8.GetBytes(text)));

        Assert.Equal(header, Convert.ToHexStringLower(bytes.AsSpan(0, header.Length / 2)));
        Assert.Equal(text, new MessagePackReader(bytes).ReadString());
        Assert.Equal(bytes, fromUtf8);
    }

    [Fact]
    public void String_OfManyBytesPerChar_ReadsBackAtEveryLength()
    {
        for (var length = 0; length < 300; length++)
        {
            var text = string.Concat(Enumerable.Repeat("a√😀", length));

            var bytes = Wire.Write((ref w) => w.Write(text));

            Assert.Equal(text, new MessagePackReader(bytes).ReadString());
        }
    }

    [Fact]
    public void String_WithHalfASurrogatePair_IsRefusedNamingTheIndex()
    {
        var error = Assert.Throws<StreamSerializationException>(() => Wire.Write((ref w) => w.Write("ab\ud83d")));

        Assert.Contains("U+D83D", error.Message, StringComparison.Ordinal);
        Assert.Contains("index 2", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a1ff")]
    [InlineData("a2c3")]
    [InlineData("a3eda080")]
    [InlineData("a2c080")]
    public void String_OfInvalidUtf8_IsRefused(string hex) =>
        Assert.Throws<StreamSerializationException>(() => new MessagePackReader(Wire.Bytes(hex)).ReadString());

    [Theory]
    [InlineData(0, "c400")]
    [InlineData(255, "c4ff")]
    [InlineData(256, "c50100")]
    [InlineData(65536, "c600010000")]
    public void Bytes_OfEveryLengthClass_ReadBack(int length, string header)
    {
        var value = new byte[length];
        value.AsSpan().Fill(7);

        var bytes = Wire.Write((ref w) => w.Write(value));

        Assert.Equal(header, Convert.ToHexStringLower(bytes.AsSpan(0, header.Length / 2)));
        Assert.Equal(value, new MessagePackReader(bytes).ReadBytes().ToArray());
    }

    [Theory]
    [InlineData(1, "d4")]
    [InlineData(2, "d5")]
    [InlineData(4, "d6")]
    [InlineData(8, "d7")]
    [InlineData(16, "d8")]
    [InlineData(0, "c700")]
    [InlineData(17, "c711")]
    [InlineData(256, "c80100")]
    [InlineData(65536, "c900010000")]
    public void Extension_OfEveryLengthClass_ReadsBack(int length, string header)
    {
        var value = new byte[length];
        value.AsSpan().Fill(9);

        var bytes = Wire.Write((ref w) => w.WriteExtension(-7, value));
        var read = new MessagePackReader(bytes).ReadExtension(out var type).ToArray();

        Assert.Equal(header, Convert.ToHexStringLower(bytes.AsSpan(0, header.Length / 2)));
        Assert.Equal(-7, type);
        Assert.Equal(value, read);
    }

    [Theory]
    [InlineData(0, "90", "80")]
    [InlineData(15, "9f", "8f")]
    [InlineData(16, "dc0010", "de0010")]
    [InlineData(65535, "dcffff", "deffff")]
    [InlineData(65536, "dd00010000", "df00010000")]
    public void Header_OfEveryCountClass_ReadsBack(int count, string array, string map)
    {
        var room = new byte[(count * 2) + 5];
        Wire.Bytes(array).CopyTo(room, 0);
        Assert.Equal(count, new MessagePackReader(room).ReadArrayHeader());

        Wire.Bytes(map).CopyTo(room, 0);
        Assert.Equal(count, new MessagePackReader(room).ReadMapHeader());

        Assert.Equal(array, Wire.Hex((ref w) => w.WriteArrayHeader(count)));
        Assert.Equal(map, Wire.Hex((ref w) => w.WriteMapHeader(count)));
    }

    [Theory]
    [InlineData("1970-01-01T00:00:00Z", "d6ff00000000")]
    [InlineData("2106-02-07T06:28:15Z", "d6ffffffffff")]
    [InlineData("2106-02-07T06:28:16Z", "d7ff0000000100000000")]
    [InlineData("2024-05-01T12:30:00.5Z", "d7ff77359400663235c8")]
    [InlineData("2514-05-30T01:53:04Z", "c70cff000000000000000400000000")]
    [InlineData("1969-12-31T23:59:59.9999999Z", "c70cff3b9ac99cffffffffffffffff")]
    [InlineData("0001-01-01T00:00:00Z", "c70cff00000000fffffff1886e0900")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "c70cff3b9ac99c0000003afff4417f")]
    public void Timestamp_Written_IsTheShortestFormAndReadsBack(string instant, string hex)
    {
        var value = DateTime.Parse(instant, null, System.Globalization.DateTimeStyles.RoundtripKind);

        var written = Wire.Hex((ref w) => w.WriteTimestamp(value));
        var read = new MessagePackReader(Wire.Bytes(hex)).ReadTimestamp();

        Assert.Equal(hex, written);
        Assert.Equal(value, read);
        Assert.Equal(DateTimeKind.Utc, read.Kind);
    }

    [Theory]
    [InlineData("d6fe00000000")]
    [InlineData("d5ff0000")]
    [InlineData("d7ffffffffff00000000")]
    [InlineData("c70cff000000007fffffffffffffff")]
    [InlineData("c70cff000000008000000000000000")]
    public void Timestamp_ThatIsNone_IsRefused(string hex) =>
        Assert.Throws<StreamSerializationException>(() => new MessagePackReader(Wire.Bytes(hex)).ReadTimestamp());

    [Fact]
    public void Number_ReadAsFloat_IsTakenOnlyWhenExact()
    {
        Assert.Equal(1.5, new MessagePackReader(Wire.Bytes("ca3fc00000")).ReadDouble());
        Assert.Equal(1.5f, new MessagePackReader(Wire.Bytes("cb3ff8000000000000")).ReadSingle());
        Assert.Equal(float.NaN, new MessagePackReader(Wire.Bytes("cb7ff8000000000000")).ReadSingle());
        Assert.Equal(-1.0, new MessagePackReader(Wire.Bytes("ff")).ReadDouble());
        Assert.Throws<StreamSerializationException>(() => new MessagePackReader(Wire.Bytes("cb3fb999999999999a")).ReadSingle());
        Assert.Throws<StreamSerializationException>(() => new MessagePackReader(Wire.Bytes("cf0020000000000001")).ReadDouble());
        Assert.Throws<StreamSerializationException>(() => new MessagePackReader(Wire.Bytes("cfffffffffffffffff")).ReadDouble());
        Assert.Throws<StreamSerializationException>(() => new MessagePackReader(Wire.Bytes("ce01000001")).ReadSingle());
        Assert.Throws<StreamSerializationException>(() => new MessagePackReader(Wire.Bytes("a131")).ReadDouble());
    }

    [Fact]
    public void FirstByte_OfEveryValue_HasOneKind()
    {
        for (var code = 0; code <= 255; code++)
        {
            var expected = code switch
            {
                <= 0x7f => MessagePackKind.Integer,
                <= 0x8f => MessagePackKind.Map,
                <= 0x9f => MessagePackKind.Array,
                <= 0xbf => MessagePackKind.String,
                0xc0 => MessagePackKind.Nil,
                0xc1 => (MessagePackKind?)null,
                <= 0xc3 => MessagePackKind.Boolean,
                <= 0xc6 => MessagePackKind.Binary,
                <= 0xc9 => MessagePackKind.Extension,
                <= 0xcb => MessagePackKind.Float,
                <= 0xd3 => MessagePackKind.Integer,
                <= 0xd8 => MessagePackKind.Extension,
                <= 0xdb => MessagePackKind.String,
                <= 0xdd => MessagePackKind.Array,
                <= 0xdf => MessagePackKind.Map,
                _ => MessagePackKind.Integer,
            };

            Assert.Equal(expected, MessagePackCode.KindOf((byte)code));
        }
    }
}
