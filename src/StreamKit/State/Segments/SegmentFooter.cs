using System.Buffers.Binary;

namespace StreamKit.State;

/// <summary>The end of a segment: where its other parts are, and their checksums.</summary>
internal sealed record SegmentFooter
{
    public const int Size = 84;

    private const int ChecksumOffset = Size - sizeof(uint);

    public required long Length { get; init; }

    public required long Rows { get; init; }

    public required long Tombstones { get; init; }

    public required KeyGroupRange KeyGroups { get; init; }

    public required ulong KeyFingerprint { get; init; }

    public required long FiltersOffset { get; init; }

    public required long IndexOffset { get; init; }

    public required int Blocks { get; init; }

    public required uint FiltersChecksum { get; init; }

    public required uint IndexChecksum { get; init; }

    private static ReadOnlySpan<byte> Magic => "SKSEGMNT"u8;

    /// <summary>Writes the footer and returns its checksum, which stands for the whole segment.</summary>
    public uint Write(Span<byte> into)
    {
        into[..Size].Clear();
        Magic.CopyTo(into);
        into[8] = SegmentFormat.Version; // 9 to 11: reserved, zero
        BinaryPrimitives.WriteInt64LittleEndian(into[12..], Length);
        BinaryPrimitives.WriteInt64LittleEndian(into[20..], Rows);
        BinaryPrimitives.WriteInt64LittleEndian(into[28..], Tombstones);
        BinaryPrimitives.WriteUInt64LittleEndian(into[36..], KeyFingerprint);
        BinaryPrimitives.WriteInt64LittleEndian(into[44..], FiltersOffset);
        BinaryPrimitives.WriteInt64LittleEndian(into[52..], IndexOffset);
        BinaryPrimitives.WriteInt32LittleEndian(into[60..], Blocks);
        BinaryPrimitives.WriteUInt32LittleEndian(into[64..], FiltersChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(into[68..], IndexChecksum);
        BinaryPrimitives.WriteUInt16LittleEndian(into[72..], (ushort)KeyGroups.First);
        BinaryPrimitives.WriteUInt16LittleEndian(into[74..], (ushort)KeyGroups.Count); // 76 to 79: reserved, zero
        uint checksum = SegmentFormat.Crc32C(into[..ChecksumOffset]);
        BinaryPrimitives.WriteUInt32LittleEndian(into[ChecksumOffset..], checksum);
        return checksum;
    }

    /// <exception cref="CheckpointDamagedException">The bytes are not the footer of a segment of that length.</exception>
    public static SegmentFooter Read(string name, long length, ReadOnlySpan<byte> bytes, out uint checksum)
    {
        checksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumOffset..]);
        uint found = SegmentFormat.Crc32C(bytes[..ChecksumOffset]);
        if (!bytes.StartsWith(Magic) || found != checksum)
        {
            throw Damaged(name, $"its checksum is {found:x8}, expected {checksum:x8}");
        }

        if (bytes[8] != SegmentFormat.Version)
        {
            throw new StreamKitException(
                $"The segment '{name}' has format version {bytes[8]}, this StreamKit reads version {SegmentFormat.Version}. Run the job with the StreamKit that wrote it, or a newer one.");
        }

        int first = BinaryPrimitives.ReadUInt16LittleEndian(bytes[72..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[74..]);
        var footer = new SegmentFooter
        {
            Length = BinaryPrimitives.ReadInt64LittleEndian(bytes[12..]),
            Rows = BinaryPrimitives.ReadInt64LittleEndian(bytes[20..]),
            Tombstones = BinaryPrimitives.ReadInt64LittleEndian(bytes[28..]),
            KeyFingerprint = BinaryPrimitives.ReadUInt64LittleEndian(bytes[36..]),
            FiltersOffset = BinaryPrimitives.ReadInt64LittleEndian(bytes[44..]),
            IndexOffset = BinaryPrimitives.ReadInt64LittleEndian(bytes[52..]),
            Blocks = BinaryPrimitives.ReadInt32LittleEndian(bytes[60..]),
            FiltersChecksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[64..]),
            IndexChecksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[68..]),
            KeyGroups = count == 0 ? KeyGroupRange.Empty : new KeyGroupRange(first, first + count - 1),
        };
        return footer.Length == length
            ? footer.Checked(name)
            : throw Damaged(name, $"the segment has {length} bytes, expected {footer.Length}");
    }

    /// <summary>After this the lengths of parts may be allocated: they lie within the segment.</summary>
    private SegmentFooter Checked(string name)
    {
        long indexLength = Length - Size - IndexOffset;
        long filtersLength = IndexOffset - FiltersOffset;
        bool fits = FiltersOffset >= 0
            && filtersLength is >= 0 and <= SegmentFormat.MaxPartLength
            && indexLength is >= 0 and <= SegmentFormat.MaxPartLength
            && Blocks >= 0
            && Blocks <= indexLength;
        return fits ? this : throw Damaged(name, "its parts do not fit into its length");
    }

    private static CheckpointDamagedException Damaged(string name, string finding) => new(name, "footer", finding);
}
