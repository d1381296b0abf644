namespace StreamKit.Connectors;

/// <summary>Reads dates and times as ISO-8601 writes them: a date, then after T or a space hours, minutes, seconds and fractions, then Z or an offset. Without an offset they are UTC.</summary>
internal static class Iso8601
{
    private const int TicksDigits = 7;

    public static bool TryParse(ReadOnlySpan<byte> text, out DateTimeOffset value)
    {
        value = default;
        if (text.Length < 10 || text[4] != '-' || text[7] != '-')
            return false;
        int year = (Two(text) * 100) + Two(text[2..]);
        int month = Two(text[5..]);
        int day = Two(text[8..]);
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        ReadOnlySpan<byte> rest = text[10..];
        long ticks = 0;
        if (!rest.IsEmpty && !TryReadTime(ref rest, out ticks))
            return false;
        if (!TryReadOffset(rest, out int minutes))
            return false;
        ticks += new DateTime(year, month, day).Ticks;
        long utc = ticks - (minutes * TimeSpan.TicksPerMinute);
        if (utc < 0 || utc > DateTime.MaxValue.Ticks)
            return false;
        value = new DateTimeOffset(ticks, TimeSpan.FromMinutes(minutes));
        return true;
    }

    private static bool TryReadTime(ref ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (text.Length < 6 || text[0] is not ((byte)'T' or (byte)'t' or (byte)' ') || text[3] != ':')
            return false;
        int hour = Two(text[1..]);
        int minute = Two(text[4..]);
        if (hour is < 0 or > 23 || minute is < 0 or > 59)
            return false;
        ticks = (hour * TimeSpan.TicksPerHour) + (minute * TimeSpan.TicksPerMinute);
        text = text[6..];
        if (text is not [(byte)':', ..])
            return true;
        int second = text.Length < 3 ? -1 : Two(text[1..]);
        if (second is < 0 or > 59)
            return false;
        ticks += second * TimeSpan.TicksPerSecond;
        text = text[3..];
        return text is not [(byte)'.' or (byte)',', ..] || TryReadFraction(ref text, ref ticks);
    }

    /// <summary>Digits beyond 100 ns are cut off.</summary>
    private static bool TryReadFraction(ref ReadOnlySpan<byte> text, ref long ticks)
    {
        int length = 1;
        int fraction = 0;
        while (length < text.Length && (uint)(text[length] - '0') <= 9)
        {
            if (length <= TicksDigits)
                fraction = (fraction * 10) + (text[length] - '0');
            length++;
        }

        if (length == 1)
            return false;
        for (int digits = length; digits <= TicksDigits; digits++)
            fraction *= 10;
        ticks += fraction;
        text = text[length..];
        return true;
    }

    private static bool TryReadOffset(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text.IsEmpty || text is [(byte)'Z' or (byte)'z'])
            return true;
        if (text.Length < 3 || text[0] is not ((byte)'+' or (byte)'-'))
            return false;
        int hour = Two(text[1..]);
        int minute = text.Length switch
        {
            3 => 0,
            5 => Two(text[3..]),
            6 when text[3] == ':' => Two(text[4..]),
            _ => -1,
        };
        if (hour is < 0 or > 14 || minute is < 0 or > 59 || (hour == 14 && minute > 0))
            return false;
        minutes = ((hour * 60) + minute) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    /// <summary>Two digits; far below zero when they are none.</summary>
    private static int Two(ReadOnlySpan<byte> text)
    {
        int tens = text[0] - '0';
        int ones = text[1] - '0';
        return (uint)tens <= 9 && (uint)ones <= 9 ? (tens * 10) + ones : -100_000;
    }
}
