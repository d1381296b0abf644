namespace StreamKit.Connectors;

/// <summary>Finds the fields of a CSV record. Strict about quotes: one that is neither around a field nor doubled inside it is a mistake.</summary>
internal static class CsvTokenizer
{
    public const string NeverClosed = "The quote here is never closed.";

    private const byte Quote = (byte)'"';
    private const byte LineEnd = (byte)'\n';
    private const byte Return = (byte)'\r';

    /// <summary>
    /// Reads the record that begins at <paramref name="start"/> into <paramref name="row"/>. Tells where the next record begins (unless this one is malformed or incomplete),
    /// and what the mistake is and where (if it is malformed).
    /// </summary>
    public static RecordKind Read(CsvRow row, byte[] buffer, int start, int end, bool isLast, byte delimiter, out int next, out int errorAt, out string error)
    {
        row.Begin(buffer);
        next = errorAt = 0;
        error = "";
        int at = start;
        while (true)
        {
            if (at < end && buffer[at] == Quote)
            {
                int close = ClosingQuote(buffer, at + 1, end, out bool isEscaped);
                if (close < 0 || (close + 1 == end && !isLast))
                {
                    (errorAt, error) = (at, NeverClosed);
                    return isLast ? RecordKind.Malformed : RecordKind.Incomplete;
                }

                row.Add(at + 1, close - at - 1, isQuoted: true, isEscaped);
                at = close + 1;
                if (at < end && buffer[at] == delimiter)
                {
                    at++;
                    continue;
                }

                return EndAfterQuote(buffer, at, end, isLast, out next, out errorAt, out error);
            }

            ReadOnlySpan<byte> rest = buffer.AsSpan(at, end - at);
            int length = rest.IndexOfAny(delimiter, LineEnd, Quote);
            if (length < 0)
            {
                if (!isLast)
                    return RecordKind.Incomplete;
                length = rest.Length;
                next = end;
            }
            else if (rest[length] == delimiter)
            {
                row.Add(at, length);
                at += length + 1;
                continue;
            }
            else if (rest[length] == Quote)
            {
                (errorAt, error) = (at + length, "There is a quote inside a field that does not begin with one.");
                return RecordKind.Malformed;
            }
            else
            {
                next = at + length + 1;
            }

            if (length > 0 && rest[length - 1] == Return)
                length--;
            if (at == start && length == 0)
                return RecordKind.Blank;
            row.Add(at, length);
            return RecordKind.Record;
        }
    }

    private static int ClosingQuote(byte[] buffer, int at, int end, out bool isEscaped)
    {
        isEscaped = false;
        while (true)
        {
            int found = buffer.AsSpan(at, end - at).IndexOf(Quote);
            if (found < 0)
                return -1;
            at += found;
            if (at + 1 == end || buffer[at + 1] != Quote)
                return at;
            isEscaped = true;
            at += 2;
        }
    }

    private static RecordKind EndAfterQuote(byte[] buffer, int at, int end, bool isLast, out int next, out int errorAt, out string error)
    {
        next = errorAt = 0;
        error = "";
        if (at < end && buffer[at] == Return)
            at++;
        if (at == end && !isLast)
            return RecordKind.Incomplete;
        if (at == end || buffer[at] == LineEnd)
        {
            next = Math.Min(at + 1, end);
            return RecordKind.Record;
        }

        (errorAt, error) = (at, "There is text between a closing quote and the end of its field.");
        return RecordKind.Malformed;
    }
}
