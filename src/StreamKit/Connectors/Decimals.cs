namespace StreamKit.Connectors;

/// <summary>Reads the decimals that occur: a sign, up to 18 digits, a point.</summary>
internal static class Decimals
{
    /// <summary>As many digits as surely fit into a long.</summary>
    private const int MostDigits = 18;

    /// <summary>False for whatever is longer or otherwise written; the general parser is to decide about that. Zeros behind the point stay.</summary>
    public static bool TryParseShort(ReadOnlySpan<byte> text, out decimal value)
    {
        value = 0;
        bool isNegative = text is [(byte)'-', ..];
        if (isNegative)
            text = text[1..];
        if (text.IsEmpty || text.Length > MostDigits + 1)
            return false;
        long digits = 0;
        int point = -1;
        for (int i = 0; i < text.Length; i++)
        {
            int digit = text[i] - '0';
            if ((uint)digit <= 9)
                digits = (digits * 10) + digit;
            else if (text[i] == (byte)'.' && point < 0)
                point = i;
            else
                return false;
        }

        int scale = point < 0 ? 0 : text.Length - point - 1;
        if (text.Length - (point < 0 ? 0 : 1) is 0 or > MostDigits)
            return false;
        value = new decimal((int)digits, (int)(digits >> 32), 0, isNegative, (byte)scale);
        return true;
    }
}
