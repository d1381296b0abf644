using System.Text.Json;

namespace StreamKit;

/// <summary>How a file of JSON lines is read.</summary>
public sealed class JsonLinesOptions : FileSourceOptions
{
    /// <summary>
    /// How a line becomes a record. Default: the web settings of System.Text.Json (camelCase names, case ignored, numbers also in quotes).
    /// Give options with a source-generated resolver where reflection is not wanted. They become read-only with the first use.
    /// </summary>
    public JsonSerializerOptions Json { get; set; } = new(JsonSerializerDefaults.Web);
}
