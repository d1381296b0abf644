using System.Globalization;
using System.Numerics;
using System.Text;

namespace StreamKit.Connectors;

/// <summary>
/// The fields of one CSV record, and how each kind of value is read from one. Compiled mappings call the reading methods. A field that cannot be read gives the default value and sets <see cref="Error"/>:
/// files with many malformed lines would otherwise spend their time on exceptions.
/// </summary>
internal sealed class CsvRow(int columns)
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly RecentStrings[] _strings = MakeStrings(columns);
    private CsvField[] _fields = new CsvField[Math.Max(columns, 8)];
    private byte[] _buffer = [];

    public int Count { get; private set; }

    /// <summary>What was expected of the first field that could not be read; null when all could.</summary>
    public string? Error { get; private set; }

    public int ErrorField { get; private set; }

    public void Begin(byte[] buffer)
    {
        _buffer = buffer;
        Count = 0;
        Error = null;
    }

    public void Add(int start, int length, bool isQuoted = false, bool isEscaped = false)
    {
        if (Count == _fields.Length)
            Array.Resize(ref _fields, Count * 2);
        ref CsvField field = ref _fields[Count++];
        field.Start = start;
        field.Length = length;
        field.IsQuoted = isQuoted;
        field.IsEscaped = isEscaped;
    }

    public int StartOf(int column) => _fields[column].Start;

    /// <summary>True for a field that is empty, other than an empty string between quotes.</summary>
    public bool IsNull(int column) => _fields[column].Length == 0 && !_fields[column].IsQuoted;

    public bool IsEmpty(int column) => _fields[column].Length == 0;

    public string Excerpt(int column) => Encoding.UTF8.GetString(Bytes(column)[..Math.Min(100, _fields[column].Length)]);

    public string Text(int column)
    {
        ReadOnlySpan<byte> bytes = Bytes(column);
        if (_fields[column].IsEscaped)
            return Encoding.UTF8.GetString(bytes).Replace("\"\"", "\"", StringComparison.Ordinal);
        return column < _strings.Length ? _strings[column].Get(bytes, s_utf8) : Encoding.UTF8.GetString(bytes);
    }

    public string ReadString(int column)
    {
        try
        {
            return Text(column);
        }
        catch (DecoderFallbackException)
        {
            return Fail<string>(column, "UTF-8 text") ?? "";
        }
    }

    public long ReadInt64(int column)
    {
        ReadOnlySpan<byte> bytes = Bytes(column);
        return System.Buffers.Text.Utf8Parser.TryParse(bytes, out long value, out int used) && used == bytes.Length ? value : ReadNumber<long>(column);
    }

    public int ReadInt32(int column)
    {
        ReadOnlySpan<byte> bytes = Bytes(column);
        return System.Buffers.Text.Utf8Parser.TryParse(bytes, out int value, out int used) && used == bytes.Length ? value : ReadNumber<int>(column);
    }

    public decimal ReadDecimal(int column) => Decimals.TryParseShort(Bytes(column), out decimal value) ? value : ReadNumber<decimal>(column);

    public TNumber ReadNumber<TNumber>(int column)
        where TNumber : struct, INumberBase<TNumber>
    {
        // No separators of thousands: they would read 1,5 as 15.
        return TNumber.TryParse(Bytes(column), NumberStyles.Float, CultureInfo.InvariantCulture, out TNumber value) ? value : Fail<TNumber>(column, $"a number ({typeof(TNumber).Name})");
    }

    public bool ReadBoolean(int column)
    {
        ReadOnlySpan<byte> bytes = Bytes(column).Trim((byte)' ');
        if (Ascii.EqualsIgnoreCase(bytes, "true") || bytes is [(byte)'1'])
            return true;
        return Ascii.EqualsIgnoreCase(bytes, "false") || bytes is [(byte)'0'] ? false : Fail<bool>(column, "true, false, 1 or 0");
    }

    public char ReadChar(int column) => ReadString(column) is [char only] ? only : Fail<char>(column, "one character");

    public DateTimeOffset ReadDateTimeOffset(int column) =>
        Iso8601.TryParse(Bytes(column).Trim((byte)' '), out DateTimeOffset value) ? value : Fail<DateTimeOffset>(column, "a date and time by ISO-8601, such as 2024-05-17T08:30:00.250Z");

    public DateTime ReadDateTime(int column) =>
        Iso8601.TryParse(Bytes(column).Trim((byte)' '), out DateTimeOffset value) ? value.UtcDateTime : Fail<DateTime>(column, "a date and time by ISO-8601, such as 2024-05-17T08:30:00.250Z");

    public TEnum ReadEnum<TEnum>(int column)
        where TEnum : struct, Enum =>
        Enum.TryParse(ReadString(column), ignoreCase: true, out TEnum value) ? value : Fail<TEnum>(column, $"one of {string.Join(", ", Enum.GetNames<TEnum>())}");

    public TValue ReadUtf8<TValue>(int column)
        where TValue : IUtf8SpanParsable<TValue> =>
        TValue.TryParse(Bytes(column), CultureInfo.InvariantCulture, out TValue? value) ? value : Fail<TValue>(column, $"a {typeof(TValue).Name}")!; // not used after a failure

    public TValue ReadText<TValue>(int column)
        where TValue : ISpanParsable<TValue> =>
        TValue.TryParse(ReadString(column), CultureInfo.InvariantCulture, out TValue? value) ? value : Fail<TValue>(column, $"a {typeof(TValue).Name}")!; // not used after a failure

    private static RecentStrings[] MakeStrings(int columns)
    {
        var strings = new RecentStrings[columns];
        for (int i = 0; i < columns; i++)
            strings[i] = new RecentStrings();
        return strings;
    }

    private ReadOnlySpan<byte> Bytes(int column)
    {
        ref CsvField field = ref _fields[column];
        return _buffer.AsSpan(field.Start, field.Length);
    }

    private TValue? Fail<TValue>(int column, string expected)
    {
        if (Error is null)
        {
            Error = expected;
            ErrorField = column;
        }

        return default;
    }
}
