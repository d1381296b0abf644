using System.Security.Cryptography;
using StreamKit.Serialization;

namespace StreamKit.Checkpoints;

/// <summary>
/// The frame of what is stored whole: a word that says what it is, the format's version in one byte, the content, and the SHA-256 of all that.
/// </summary>
/// <remarks>
/// What every version has in common is the beginning, up to the version's byte, and the digest at the end, so that an object of a newer
/// version is told from a damaged one.
/// </remarks>
/// <param name="kind">What an error calls it, such as <c>log entry</c>.</param>
/// <param name="magic">The word.</param>
/// <param name="version">The version that is written and read.</param>
internal sealed class DigestedObject(string kind, byte[] magic, byte version)
{
    public byte[] Seal(ReadOnlySpan<byte> content)
    {
        using var output = new PooledBufferWriter();
        output.Write(magic);
        output.Write([version]);
        output.Write(content);
        output.Write(SHA256.HashData(output.WrittenSpan));
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Verifies the frame and returns the content.</summary>
    /// <exception cref="CheckpointDamagedException">The bytes are not what was written.</exception>
    /// <exception cref="StreamKitException">They are of another version.</exception>
    public ReadOnlySpan<byte> Open(string objectName, ReadOnlySpan<byte> bytes)
    {
        int bodyLength = bytes.Length - SHA256.HashSizeInBytes;
        if (bodyLength <= magic.Length || !bytes.StartsWith(magic))
        {
            throw Damaged(objectName, $"it has {bytes.Length} bytes and does not begin as a {kind}");
        }

        if (!SHA256.HashData(bytes[..bodyLength]).AsSpan().SequenceEqual(bytes[bodyLength..]))
        {
            throw Damaged(objectName, "its digest does not match its content");
        }

        byte found = bytes[magic.Length];
        return found == version
            ? bytes[(magic.Length + 1)..bodyLength]
            : throw new StreamKitException(
                $"The {kind} '{objectName}' has format version {found}, this StreamKit reads version {version}. Use the StreamKit that wrote it, or a newer one.")
            {
                IsPermanent = true,
            };
    }

    public CheckpointDamagedException Damaged(string objectName, string finding, Exception? cause = null) => new(objectName, kind, finding, cause);
}
