using System.Globalization;
using System.Text;
using StreamKit.Connectors;

namespace StreamKit.Tests.Connectors;

public class Iso8601Tests
{
    [Theory]
    [InlineData("2024-05-17", "2024-05-17T00:00:00.0000000+00:00")]
    [InlineData("2024-05-17T08:30", "2024-05-17T08:30:00.0000000+00:00")]
    [InlineData("2024-05-17 08:30:59", "2024-05-17T08:30:59.0000000+00:00")]
    [InlineData("2024-05-17T08:30:59Z", "2024-05-17T08:30:59.0000000+00:00")]
    [InlineData("2024-05-17t08:30:59.1z", "2024-05-17T08:30:59.1000000+00:00")]
    [InlineData("2024-05-17T08:30:59.1234567+02", "2024-05-17T08:30:59.1234567+02:00")]
    [InlineData("2024-05-17T08:30:59,123456789-0330", "2024-05-17T08:30:59.1234567-03:30")]
    [InlineData("2024-02-29T23:59:59.999+14:00", "2024-02-29T23:59:59.9990000+14:00")]
    [InlineData("0001-01-01", "0001-01-01T00:00:00.0000000+00:00")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999+00:00")]
    public void TryParse_DateAndTime_IsRead(string text, string expected)
    {
        bool read = Iso8601.TryParse(Encoding.UTF8.GetBytes(text), out DateTimeOffset value);

        Assert.True(read);
        Assert.Equal(expected, value.ToString("O", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2024-05")]
    [InlineData("2024-5-17")]
    [InlineData("2024-13-01")]
    [InlineData("2024-00-01")]
    [InlineData("2023-02-29")]
    [InlineData("0000-01-01")]
    [InlineData("2024-05-17T")]
    [InlineData("2024-05-17T8:30")]
    [InlineData("2024-05-17T24:00")]
    [InlineData("2024-05-17T08:60")]
    [InlineData("2024-05-17T08:30:60")]
    [InlineData("2024-05-17T08:30:5")]
    [InlineData("2024-05-17T08:30:59.")]
    [InlineData("2024-05-17T08:30:59.Z")]
    [InlineData("2024-05-17T08:30+15:00")]
    [InlineData("2024-05-17T08:30+14:01")]
    [InlineData("2024-05-17T08:30+2")]
    [InlineData("2024-05-17T08:30Zx")]
    [InlineData("2024-05-17x")]
    [InlineData("17.05.2024 08:30")]
    [InlineData("0001-01-01T00:00+01:00")]
    [InlineData("9999-12-31T23:59:59-01:00")]
    [InlineData("20x4-05-17")]
    public void TryParse_AnythingElse_IsRefused(string text)
    {
        Assert.False(Iso8601.TryParse(Encoding.UTF8.GetBytes(text), out _));
    }

    [Fact]
    public void TryParse_EveryCutOfAText_NeverThrows()
    {
        byte[] text = Encoding.UTF8.GetBytes("2024-05-17T08:30:59.1234567+02:00");

        bool[] read = [.. Enumerable.Range(0, text.Length + 1).Select(length => Iso8601.TryParse(text.AsSpan(0, length), out _))];

        Assert.Equal([10, 16, 19, 21, 22, 23, 24, 25, 26, 27, 30, 33], Enumerable.Range(0, read.Length).Where(length => read[length]));
    }
}
