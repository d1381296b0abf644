using StreamKit.Serialization;

namespace StreamKit.Checkpoints;

/// <summary>
/// The bytes of a log entry, format version 0: <c>SKLOG</c>, the version in one byte, one MessagePack array, and the SHA-256 of all that.
/// </summary>
/// <remarks>
/// Version 0 is free until the first release: a change of the layout keeps the number, and an entry of an earlier build is taken for a damaged one. From the first release on, another layout is
/// another version, and entries of every released version are read for ever.
/// </remarks>
internal static class LogEntryFormat
{
    private const byte Version = 0;
    private const int FieldCount = 11;

    private static readonly DigestedObject s_frame = new("log entry", "SKLOG"u8.ToArray(), Version);

    public static byte[] Encode(LogEntry entry)
    {
        using var output = new PooledBufferWriter();
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(FieldCount);
        writer.Write((int)entry.Kind);
        writer.Write(entry.Number);
        writer.Write(entry.Claim);
        Write(ref writer, entry.Attempt);
        writer.Write(entry.Job.Name);
        Write(ref writer, entry.Job.Id);
        writer.Write(entry.Job.MaxParallelism);
        writer.Write(entry.Timestamp);
        Write(ref writer, entry.Retained);
        Write(ref writer, entry.Released);
        ManifestFormat.Write(ref writer, entry.Manifest);
        writer.Flush();
        return s_frame.Seal(output.WrittenSpan);
    }

    /// <exception cref="CheckpointDamagedException">The bytes are not a log entry.</exception>
    public static LogEntry Decode(string objectName, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> content = s_frame.Open(objectName, bytes);
        try
        {
            var reader = new MessagePackReader(content);
            LogEntry entry = Read(ref reader);
            return reader.Remaining == 0 ? entry : throw s_frame.Damaged(objectName, $"{reader.Remaining} bytes follow its end");
        }
        catch (StreamSerializationException e)
        {
            throw s_frame.Damaged(objectName, e.Message, e);
        }
    }

    public static void Write(ref MessagePackWriter writer, Guid guid) => writer.Write(guid.ToByteArray(bigEndian: true).AsSpan());

    public static Guid ReadGuid(ref MessagePackReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBytes();
        return bytes.Length == 16
            ? new Guid(bytes, bigEndian: true)
            : throw new StreamSerializationException($"An identity has {bytes.Length} bytes, expected 16.");
    }

    private static LogEntry Read(ref MessagePackReader reader)
    {
        ManifestFormat.ReadHeader(ref reader, FieldCount);
        var kind = (LogEntryKind)reader.ReadByte();
        long number = reader.ReadInt64();
        long claim = reader.ReadInt64();
        Guid attempt = ReadGuid(ref reader);
        string name = ManifestFormat.ReadText(ref reader);
        var job = new JobIdentity(name, ReadGuid(ref reader), reader.ReadInt32());
        return new LogEntry
        {
            Kind = kind,
            Number = number,
            Claim = claim,
            Attempt = attempt,
            Job = job,
            Timestamp = reader.ReadInt64(),
            Retained = ReadNumbers(ref reader),
            Released = ReadNumbers(ref reader),
            Manifest = ManifestFormat.Read(ref reader, job),
        };
    }

    private static void Write(ref MessagePackWriter writer, IReadOnlyList<long> numbers)
    {
        writer.WriteArrayHeader(numbers.Count);
        foreach (long number in numbers)
        {
            writer.Write(number);
        }
    }

    private static long[] ReadNumbers(ref MessagePackReader reader)
    {
        var numbers = new long[reader.ReadArrayHeader()];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = reader.ReadInt64();
        }

        return numbers;
    }
}
