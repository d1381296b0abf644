using System.Text;
using StreamKit.Serialization;

namespace StreamKit.Tests.Serialization;

/// <summary>Hashes decide where state lives: every number here is fixed for ever.</summary>
public class KeyHashTests
{
    [Theory]
    [InlineData("", 0xEF46DB3751D8E999)]
    [InlineData("a", 0xD24EC4F1A98C6E5B)]
    [InlineData("as", 0x1C330FB2D66BE179)]
    [InlineData("asd", 0x631C37CE72A97393)]
    [InlineData("asdf", 0x415872F599CEA71E)]
    [InlineData("abc", 0x44BC2CF5AD770999)]
    [InlineData("Call me Ishmael. Some years ago--never mind how long precisely-", 0x02A2E85470D6FD96)]
    public void XxHash64_OfPublishedTexts_IsThePublishedHash(string text, ulong expected) =>
        Assert.Equal(expected, XxHash64.Of(Encoding.ASCII.GetBytes(text)));

    [Theory]
    [InlineData(0, 0xEF46DB3751D8E999)]
    [InlineData(1, 0xE934A84ADB052768)]
    [InlineData(4, 0x9136A0DCA57457EE)]
    [InlineData(14, 0x8282DCC4994E35C8)]
    [InlineData(222, 0xB641AE8CB691C174)]
    public void XxHash64_OfTheReferenceBuffer_IsThePublishedHash(int length, ulong expected)
    {
        var buffer = new byte[length];
        ulong generator = 2654435761;
        for (var i = 0; i < length; i++)
        {
            buffer[i] = (byte)(generator >> 56);
            generator *= 11400714785074694797;
        }

        Assert.Equal(expected, XxHash64.Of(buffer));
    }

    [Theory]
    [InlineData(0, 0xE220A8397B1DCDAF)]
    [InlineData(unchecked((long)0x9E3779B97F4A7C15), 0x6E789E6AA1B965F4)]
    [InlineData(unchecked(2 * (long)0x9E3779B97F4A7C15), 0x06C45D188009454F)]
    public void Of_WholeNumber_IsSplitMix64(long value, ulong expected) => Assert.Equal(expected, KeyHash.Of(value));

    [Fact]
    public void Of_Text_IsXxHash64OfItsUtf8AtEveryLength()
    {
        for (var length = 0; length < 400; length++)
        {
            var text = string.Concat(Enumerable.Range(0, length).Select(i => i % 7 == 0 ? "é" : "x"));

            Assert.Equal(XxHash64.Of(Encoding.UTF8.GetBytes(text)), KeyHash.Of(text));
        }
    }

    [Fact]
    public void Of_TextWithHalfASurrogatePair_IsRefused()
    {
        Assert.Throws<StreamSerializationException>(() => KeyHash.Of("a\ud83d"));
        Assert.Throws<StreamSerializationException>(() => KeyHash.Of(new string('a', 1000) + "\ud83d"));
    }

    [Fact]
    public void Direct_OfEveryType_IsTheHashOfItsCanonicalBytes()
    {
        Check(-5L, (ref w) => w.Write(-5));
        Check(ulong.MaxValue, (ref w) => w.Write(ulong.MaxValue));
        Check(-5, (ref w) => w.Write(-5));
        Check(uint.MaxValue, (ref w) => w.Write(uint.MaxValue));
        Check(short.MinValue, (ref w) => w.Write(short.MinValue));
        Check(ushort.MaxValue, (ref w) => w.Write(ushort.MaxValue));
        Check((sbyte)-1, (ref w) => w.Write(-1));
        Check((byte)255, (ref w) => w.Write(255));
        Check('é', (ref w) => w.Write('é'));
        Check(true, (ref w) => w.Write(true));
        Check(false, (ref w) => w.Write(false));
        Check("card-1", (ref w) => w.Write("card-1"));
        var guid = new Guid("00112233-4455-6677-8899-aabbccddeeff");
        Check(guid, (ref w) => w.Write(guid.ToByteArray(bigEndian: true)));

        static void Check<TKey>(TKey key, Wire.Writing canonical)
        {
            Assert.True(KeyHash.IsDirect<TKey>());
            Assert.Equal(KeyHash.OfCanonical(Wire.Write(canonical)), KeyHash.Direct(key));
        }
    }

    [Fact]
    public void IsDirect_OfOtherTypes_IsFalse()
    {
        Assert.False(KeyHash.IsDirect<decimal>());
        Assert.False(KeyHash.IsDirect<(int, int)>());
        Assert.Throws<StreamSerializationException>(() => KeyHash.Direct(1m));
    }
}
