namespace StreamKit.State;

/// <summary>An entry of a large map that has been serialized.</summary>
/// <param name="Hash">The hash of its key.</param>
/// <param name="Bytes">Where its bytes are.</param>
/// <param name="Time">When it expires, if it does.</param>
internal readonly record struct WrittenEntry(uint Hash, Range Bytes, long Time)
{
    /// <summary>Those that belong to a bucket, in order.</summary>
    public static WrittenEntry[] Of(MapBucket bucket, ReadOnlySpan<WrittenEntry> entries)
    {
        var own = new List<WrittenEntry>(entries.Length);
        foreach (WrittenEntry entry in entries)
        {
            if (bucket.Contains(entry.Hash))
                own.Add(entry);
        }

        return [.. own];
    }

    /// <summary>When entries expire.</summary>
    public static long[] TimesOf(ReadOnlySpan<WrittenEntry> entries)
    {
        long[] times = new long[entries.Length];
        for (int i = 0; i < times.Length; i++)
            times[i] = entries[i].Time;
        return times;
    }

    /// <summary>The bytes of entries that were written one after the other, others between them.</summary>
    public static int BytesOf(ReadOnlySpan<WrittenEntry> entries)
    {
        int bytes = 0;
        foreach (WrittenEntry entry in entries)
            bytes += entry.Bytes.End.Value - entry.Bytes.Start.Value;
        return bytes;
    }
}
