using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>A range of hashes in a <see cref="LargeMap{TKey,TValue}"/>: the entries whose keys' hashes begin with the same bits are one row.</summary>
/// <param name="start">The lowest hash.</param>
/// <param name="depth">How many bits they have in common.</param>
internal sealed class MapBucket(uint start, int depth) : ValuePart
{
    /// <summary>As many as tell all hashes apart.</summary>
    public const int MaxDepth = 32;

    /// <summary>With entries of some tens of bytes a row has up to four kilobytes.</summary>
    public const int MaxEntries = 96;

    public uint Start => start;

    public int Depth { get; private set; } = depth;

    /// <summary>The first hash behind it; 2^32 for the last one.</summary>
    public long End => start + (1L << (32 - Depth));

    /// <summary>The bucket behind it.</summary>
    public MapBucket? Next { get; set; }

    /// <summary>Whether segments may have a row of it.</summary>
    public bool MayBeStored { get; set; }

    public bool Contains(uint hash) => hash >= start && hash < End;

    /// <summary>Whether entries are too much for a row of it, and can be divided.</summary>
    public bool IsTooLong(ReadOnlySpan<WrittenEntry> entries) =>
        Depth < MaxDepth && (entries.Length > MaxEntries || (entries.Length > 1 && WrittenEntry.BytesOf(entries) > LargeCutRows.RowSize));

    /// <summary>Gives the upper half of its hashes away, and keeps its sub-key.</summary>
    /// <returns>The bucket for them.</returns>
    public MapBucket Divide()
    {
        uint bit = 1U << (31 - Depth++);
        return Next = new MapBucket(start | bit, Depth) { Next = Next, ChangedAt = ChangedAt };
    }

    /// <summary>Writes its row.</summary>
    /// <param name="entries">Its entries, whose bytes are in the sink's scratch.</param>
    /// <param name="isTimed">Whether they expire.</param>
    /// <param name="sink">Takes the row.</param>
    public void AddRow(ReadOnlySpan<WrittenEntry> entries, bool isTimed, RowSink sink)
    {
        sink.Value.Clear();
        var writer = new MessagePackWriter(sink.Value);
        if (isTimed)
            TimedParts.Begin(ref writer, WrittenEntry.TimesOf(entries));
        writer.WriteArrayHeader(2);
        writer.Write(Depth);
        writer.WriteMapHeader(entries.Length);
        foreach (WrittenEntry entry in entries)
            writer.WriteRaw(sink.Scratch.WrittenSpan[entry.Bytes]);
        writer.Flush();
        Span<byte> subKey = stackalloc byte[LargeCutRows.SubKeySize];
        LargeCutRows.WriteSubKey(subKey, start);
        sink.Add(subKey, sink.Value.WrittenSpan);
        MayBeStored = true;
    }
}
