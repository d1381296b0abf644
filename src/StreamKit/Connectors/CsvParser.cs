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
            return TryFindNextLine(buffer, errorAt, end, isLast, out next) ? Malformed(errorAt, error) : RecordKind.Incomplete;
        if (kind != RecordKind.Record)
            return kind;
        if (row.Count != mapping.Columns.Length)
            return Malformed(start, $"The record has {row.Count} fields, expected {mapping.Columns.Length}: {string.Join(", ", mapping.Columns)}.");
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
            return Malformed(row.StartOf(row.ErrorField), $"Column '{mapping.Columns[row.ErrorField]}' holds '{row.Excerpt(row.ErrorField)}', expected {row.Error}.");
        return refusal is null ? RecordKind.Record : Malformed(start, $"'{typeof(T).Name}' refuses the values: {refusal.Message}", refusal);
    }
}
