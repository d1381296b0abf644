using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace StreamKit.Connectors;

/// <summary>One JSON value per line.</summary>
internal sealed class JsonRows<T>(FileSinkOptions options) : RowFormat<T>
{
    public override string FileExtension => ".jsonl";

    public override IEnumerable<string> Validate()
    {
        try
        {
            _ = TypeInfo();
            return [];
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            return [$"'{typeof(T)}' cannot be written as JSON: {e.Message} Change the type, or set {nameof(FileSinkOptions)}.{nameof(FileSinkOptions.Json)}."];
        }
    }

    public override RowWriter<T> CreateWriter() => new Writer(TypeInfo());

    private JsonTypeInfo<T> TypeInfo()
    {
        options.Json.MakeReadOnly(populateMissingResolver: true);
        return (JsonTypeInfo<T>)options.Json.GetTypeInfo(typeof(T));
    }

    private sealed class Writer(JsonTypeInfo<T> typeInfo) : RowWriter<T>
    {
        // A value must stay on its line, so the options' indentation does not count.
        private readonly JsonWriterOptions _options = new() { Encoder = typeInfo.Options.Encoder, MaxDepth = typeInfo.Options.MaxDepth, SkipValidation = true };
        private Utf8JsonWriter? _json;

        public override void Write(RowBuffer target, T value)
        {
            if (_json is null)
                _json = new Utf8JsonWriter(target, _options);
            else
                _json.Reset(target);
            JsonSerializer.Serialize(_json, value, typeInfo);
            _json.Flush();
            target.Add((byte)'\n');
        }

        public override void Dispose()
        {
            // What a value that failed has left must not be flushed.
            _json?.Reset();
            _json?.Dispose();
        }
    }
}
