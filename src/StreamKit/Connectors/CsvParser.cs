namespace StreamKit.Connectors;

/// <summary>Turns CSV records into values of <typeparamref name="T"/>.</summary>
internal sealed class CsvParser<T>(CsvMapping<T> mapping, byte delimiter) : RecordParser<T>
{
    private readonly CsvRow _row = new(mapping.Columns.Length);

    public override RecordKind Parse(byte[] buffer, int start, int end, bool isLast, out int next, out T value)
    {
        value = default!; // read only after RecordKind.Record
        CsvRow row = _row;
        RecordKind kind = CsvTokenizer.Read(row, buffer, start, end, isLast, delimiter, out next, out int errorAt, out string error);
        if (kind == RecordKind.Malformed)
            return GiveUpLine(buffer, start, end, isLast, errorAt, error, out next);
        if (kind != RecordKind.Record)
            return kind;
        if (row.Count != mapping.Columns.Length)
            return Malformed(next, start, $"The record has {row.Count} fields, expected {mapping.Columns.Length}: {string.Join(", ", mapping.Columns)}.");
        Exception? refusal = null;
        try
        {
            value = mapping.Read(row);
        }
        catch (Exception e) when (IsAboutTheValue(e) || row.Error is not null)
        {
            refusal = e;
        }

        if (row.Error is not null)
            return Malformed(next, row.StartOf(row.ErrorField), $"Column '{mapping.Columns[row.ErrorField]}' holds '{row.Excerpt(row.ErrorField)}', expected {row.Error}.");
        return refusal is null ? RecordKind.Record : Malformed(next, start, $"'{typeof(T).Name}' refuses the values: {refusal.Message}", refusal);
    }

    /// <summary>
    /// Where the quotes are wrong nobody knows where the record should end. So only the line on which it begins is given up: a stray quote must not cost the lines behind it.
    /// </summary>
    private RecordKind GiveUpLine(byte[] buffer, int start, int end, bool isLast, int errorAt, string error, out int next)
    {
        int length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
        next = length < 0 ? end : start + length + 1;
        if (length < 0 && !isLast)
            return RecordKind.Incomplete;

        // A quote that is never closed was seen to be so at the file's end only.
        bool wasSeenAtEnd = ReferenceEquals(error, CsvTokenizer.NeverClosed);
        return Malformed(wasSeenAtEnd ? end : Math.Max(next, errorAt + 1), errorAt, error);
    }
}
