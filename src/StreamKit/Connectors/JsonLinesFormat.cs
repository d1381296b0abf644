using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace StreamKit.Connectors;

/// <summary>One JSON value per line. A line end can only be between values: JSON escapes it inside strings.</summary>
internal sealed class JsonLinesFormat<T>(JsonLinesOptions options) : FileFormat<T>
{
    public override bool HasQuotes => false;

    public override IEnumerable<string> Validate()
    {
        string? problem = null;
        try
        {
            _ = TypeInfo();
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            problem = $"'{typeof(T)}' cannot be read from JSON: {e.Message} Change the type, or set {nameof(JsonLinesOptions)}.{nameof(JsonLinesOptions.Json)}.";
        }

        return problem is null ? [] : [problem];
    }

    public override async ValueTask<RecordParser<T>> OpenAsync(FileWindow window, CancellationToken cancellationToken)
    {
        await SkipByteOrderMarkAsync(window, cancellationToken);
        return new Parser(TypeInfo());
    }

    private JsonTypeInfo<T> TypeInfo()
    {
        options.Json.MakeReadOnly(populateMissingResolver: true);
        return (JsonTypeInfo<T>)options.Json.GetTypeInfo(typeof(T));
    }

    private sealed class Parser(JsonTypeInfo<T> typeInfo) : RecordParser<T>
    {
        public override RecordKind Parse(byte[] buffer, int start, int end, bool isLast, out int next, out T value)
        {
            value = default!; // read only after RecordKind.Record
            int length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length < 0)
            {
                next = end;
                if (!isLast)
                    return RecordKind.Incomplete;
                length = end - start;
            }
            else
            {
                next = start + length + 1;
            }

            ReadOnlySpan<byte> line = buffer.AsSpan(start, length);
            if (line.Trim(" \t\r"u8).IsEmpty)
                return RecordKind.Blank;
            try
            {
                T? read = JsonSerializer.Deserialize(line, typeInfo);
                if (read is null)
                    return Malformed(next, start, $"The line is null, expected a '{typeof(T).Name}'.");
                value = read;
                return RecordKind.Record;
            }
            catch (Exception e) when (IsAboutTheValue(e))
            {
                int at = e is JsonException { BytePositionInLine: { } position } ? (int)Math.Min(position, length) : 0;
                return Malformed(next, start + at, WithoutPlace(e.Message), e);
            }
        }

        /// <summary>System.Text.Json ends its messages with the place in the line, which is said otherwise.</summary>
        private static string WithoutPlace(string message)
        {
            int place = message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
            return place > 0 ? message[..place].TrimEnd('|', ' ') : message;
        }
    }
}
