using System.Security.Cryptography;
using StreamKit.Serialization;

namespace StreamKit.Checkpoints;

/// <summary>
/// The bytes of a log entry, format version 0: <c>SKLOG</c>, the version in one byte, one MessagePack array, and the SHA-256 of all that.
/// </summary>
/// <remarks>
/// Version 0 is free until the first release: a change of the layout keeps the number, and an entry of an earlier build is taken for a damaged one. From the first release on, another layout is
/// another version, and entries of every released version are read for ever. What every version has in common is the beginning, up to the version's byte, and the digest at the end,
/// so that an entry of a newer version is told from a damaged one.
/// </remarks>
internal static class LogEntryFormat
{
    private const byte Version = 0;
    private const int FieldCount = 11;

    private static ReadOnlySpan<byte> Magic => "SKLOG"u8;

    public static byte[] Encode(LogEntry entry)
    {
        using var output = new PooledBufferWriter();
        output.Write(Magic);
        output.Write([Version]);
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(FieldCount);
        writer.Write((int)entry.Kind);
        writer.Write(entry.Number);
        writer.Write(entry.Claim);
        writer.Write(Bytes(entry.Attempt));
        writer.Write(entry.Job.Name);
        writer.Write(Bytes(entry.Job.Id));
        writer.Write(entry.Job.MaxParallelism);
        writer.Write(entry.Timestamp);
        Write(ref writer, entry.Retained);
        Write(ref writer, entry.Released);
        ManifestFormat.Write(ref writer, entry.Manifest);
        writer.Flush();
        output.Write(SHA256.HashData(output.WrittenSpan));
        return output.WrittenSpan.ToArray();
    }

    /// <exception cref="CheckpointDamagedException">The bytes are not a log entry.</exception>
    public static LogEntry Decode(string objectName, ReadOnlySpan<byte> bytes)
    {
        int bodyLength = bytes.Length - SHA256.HashSizeInBytes;
        if (bodyLength <= Magic.Length || !bytes.StartsWith(Magic))
        {
            throw Damaged(objectName, $"it has {bytes.Length} bytes and does not begin as a log entry");
        }

        if (!SHA256.HashData(bytes[..bodyLength]).AsSpan().SequenceEqual(bytes[bodyLength..]))
        {
            throw Damaged(objectName, "its digest does not match its content");
        }

        if (bytes[Magic.Length] != Version)
        {
            throw new StreamKitException(
                $"The log entry '{objectName}' has format version {bytes[Magic.Length]}, this StreamKit reads version {Version}. Run the job with the StreamKit that wrote it, or a newer one.")
            {
                IsPermanent = true,
            };
        }

        try
        {
            var reader = new MessagePackReader(bytes[(Magic.Length + 1)..bodyLength]);
            LogEntry entry = Read(ref reader);
            return reader.Remaining == 0 ? entry : throw Damaged(objectName, $"{reader.Remaining} bytes follow its end");
        }
        catch (StreamSerializationException e)
        {
            throw new CheckpointDamagedException(objectName, "log entry", e.Message, e);
        }
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

    private static ReadOnlySpan<byte> Bytes(Guid guid) => guid.ToByteArray(bigEndian: true);

    private static Guid ReadGuid(ref MessagePackReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBytes();
        return bytes.Length == 16
            ? new Guid(bytes, bigEndian: true)
            : throw new StreamSerializationException($"An identity has {bytes.Length} bytes, expected 16.");
    }

    private static CheckpointDamagedException Damaged(string objectName, string finding) => new(objectName, "log entry", finding);
}
