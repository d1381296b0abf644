using System.Buffers;
using System.Globalization;
using System.Text;

namespace StreamKit.Connectors;

/// <summary>Writes the fields of one CSV record, with quotes where they are needed. Compiled writers call its methods, one per field.</summary>
internal sealed class CsvLine(byte delimiter)
{
    private const byte Quote = (byte)'"';

    private readonly SearchValues<byte> _needQuotes = SearchValues.Create([delimiter, Quote, (byte)'\r', (byte)'\n']);
    private RowBuffer _target = null!; // set in Begin
    private bool _isFirst;
    private int _start;

    public void Begin(RowBuffer target)
    {
        _target = target;
        _start = target.Length;
        _isFirst = true;
    }

    public void End()
    {
        // A line of one empty field would be an empty line, which readers skip.
        if (_target.Length == _start)
            _target.Add("\"\""u8);
        _target.Add((byte)'\n');
    }

    public void WriteNull() => Separate();

    public void WriteText(string? text)
    {
        Separate();
        if (text is null)
            return;
        if (text.Length == 0)
        {
            _target.Add("\"\""u8);
            return;
        }

        int start = _target.Length;
        _target.Advance(Encoding.UTF8.GetBytes(text, _target.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
        QuoteFrom(start);
    }

    public void WriteBoolean(bool value)
    {
        Separate();
        _target.Add(value ? "true"u8 : "false"u8);
    }

    public void WriteDateTime(DateTime value) => WriteUtf8As(value, "O");

    public void WriteDateTimeOffset(DateTimeOffset value) =>
        WriteUtf8As(value, value.Offset == TimeSpan.Zero ? "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz");

    public void WriteDateOnly(DateOnly value) => WriteUtf8As(value, "O");

    public void WriteTimeOnly(TimeOnly value) => WriteUtf8As(value, "O");

    public void WriteEnum<TEnum>(TEnum value)
        where TEnum : struct, Enum => WriteText(value.ToString());

    public void WriteUtf8<TValue>(TValue value)
        where TValue : struct, IUtf8SpanFormattable => WriteUtf8As(value, default);

    public void WriteFormattable<TValue>(TValue value)
        where TValue : IFormattable => WriteText(value?.ToString(null, CultureInfo.InvariantCulture));

    private void WriteUtf8As<TValue>(TValue value, ReadOnlySpan<char> format)
        where TValue : struct, IUtf8SpanFormattable
    {
        Separate();
        int start = _target.Length;
        int room = 64;
        int written;
        while (!value.TryFormat(_target.GetSpan(room), out written, format, CultureInfo.InvariantCulture))
            room *= 2;
        _target.Advance(written);
        QuoteFrom(start);
    }

    private void Separate()
    {
        if (!_isFirst)
            _target.Add(delimiter);
        _isFirst = false;
    }

    private void QuoteFrom(int start)
    {
        if (_target.From(start).IndexOfAny(_needQuotes) < 0)
            return;
        int length = _target.Length - start;
        byte[] text = ArrayPool<byte>.Shared.Rent(length);
        _target.From(start).CopyTo(text);
        _target.Truncate(start);
        _target.Add(Quote);
        foreach (byte each in text.AsSpan(0, length))
        {
            if (each == Quote)
                _target.Add(Quote);
            _target.Add(each);
        }

        _target.Add(Quote);
        ArrayPool<byte>.Shared.Return(text);
    }
}
