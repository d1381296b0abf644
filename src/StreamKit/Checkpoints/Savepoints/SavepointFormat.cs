using StreamKit.Serialization;

namespace StreamKit.Checkpoints;

/// <summary>
/// The bytes of a savepoint's entry, format version 0: framed like a log entry under the word <c>SKSAVE</c>, one MessagePack array of the
/// job's name, id and maximum parallelism, and the manifest. Golden files pin it; the rules for versions are those of <see cref="LogEntryFormat"/>.
/// </summary>
internal static class SavepointFormat
{
    private const byte Version = 0;
    private const int FieldCount = 4;

    private static readonly DigestedObject s_frame = new("savepoint", "SKSAVE"u8.ToArray(), Version);

    public static byte[] Encode(CheckpointManifest manifest)
    {
        using var output = new PooledBufferWriter();
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(FieldCount);
        writer.Write(manifest.Job.Name);
        LogEntryFormat.Write(ref writer, manifest.Job.Id);
        writer.Write(manifest.Job.MaxParallelism);
        ManifestFormat.Write(ref writer, manifest);
        writer.Flush();
        return s_frame.Seal(output.WrittenSpan);
    }

    /// <exception cref="CheckpointDamagedException">The bytes are not a savepoint's entry.</exception>
    public static CheckpointManifest Decode(string objectName, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> content = s_frame.Open(objectName, bytes);
        try
        {
            var reader = new MessagePackReader(content);
            ManifestFormat.ReadHeader(ref reader, FieldCount);
            string name = ManifestFormat.ReadText(ref reader);
            var job = new JobIdentity(name, LogEntryFormat.ReadGuid(ref reader), reader.ReadInt32());
            CheckpointManifest? manifest = ManifestFormat.Read(ref reader, job);
            return manifest is not null && reader.Remaining == 0
                ? manifest
                : throw s_frame.Damaged(objectName, manifest is null ? "it has no manifest" : $"{reader.Remaining} bytes follow its end");
        }
        catch (StreamSerializationException e)
        {
            throw s_frame.Damaged(objectName, e.Message, e);
        }
    }
}
