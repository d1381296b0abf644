using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace StreamKit.Connectors;

/// <summary>What a committer must know to make one file visible.</summary>
/// <param name="Id">The transaction's id.</param>
/// <param name="Directory">The folder, as the writer was told it.</param>
/// <param name="PendingName">The file's name until it is committed.</param>
/// <param name="FinalName">And afterwards.</param>
/// <param name="Length">Its length in bytes.</param>
internal sealed record FileTransaction(string Id, string Directory, string PendingName, string FinalName, long Length)
{
    private const string PendingExtension = ".inprogress";
    private const int LongestSinkName = 100;

    public static FileTransaction Begin(SinkContext context, string directory, string extension, long number)
    {
        string id = context.TransactionPrefix + number.ToString(CultureInfo.InvariantCulture);
        string sink = NameOf(context);
        string final = string.Create(CultureInfo.InvariantCulture, $"part-{sink}-{context.JobId.ToString("N")[..8]}-{context.Claim}-{context.Subtask}-{number:D4}{extension}");
        return new FileTransaction(id, directory, $".{sink}.{id}{PendingExtension}", final, 0);
    }

    /// <summary>The pattern of the names of this sink's files that are not committed, of this job and any runner.</summary>
    public static string PendingPattern(SinkContext context) => $".{NameOf(context)}.{context.JobId:N}-*{PendingExtension}";

    /// <summary>The transaction id and the claim number in a name that matches <see cref="PendingPattern"/>; false for a name that no writer made.</summary>
    public static bool TryParsePending(SinkContext context, string name, out string id, out long claim)
    {
        id = name[(NameOf(context).Length + 2)..^PendingExtension.Length];
        string[] parts = id.Split('-');
        claim = 0;
        return parts.Length == 4 && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out claim);
    }

    public Committable ToCommittable()
    {
        var payload = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(payload))
        {
            json.WriteStartObject();
            json.WriteString("directory", Directory);
            json.WriteString("pending", PendingName);
            json.WriteString("final", FinalName);
            json.WriteNumber("length", Length);
            json.WriteEndObject();
        }

        return new Committable(Id, payload.WrittenMemory);
    }

    public static FileTransaction From(Committable committable)
    {
        try
        {
            using var json = JsonDocument.Parse(committable.Payload);
            JsonElement root = json.RootElement;
            return new FileTransaction(committable.TransactionId, Text("directory"), Text("pending"), Text("final"), root.GetProperty("length").GetInt64());

            string Text(string name) => root.GetProperty(name).GetString() is { Length: > 0 } text ? text : throw new FormatException($"'{name}' is empty.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new StreamKitException($"The transaction '{committable.TransactionId}' in the checkpoint does not describe a file. The checkpoint is from another kind of sink: give the changed sink another name.", e);
        }
    }

    /// <summary>The sink's name as it can stand in a file's name: two sinks of a job may share a folder, and each removes only what is its own.</summary>
    private static string NameOf(SinkContext context)
    {
        string name = Uri.EscapeDataString(context.Name);
        return name.Length <= LongestSinkName ? name : $"{name[..(LongestSinkName - 9)]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 4))}";
    }
}
