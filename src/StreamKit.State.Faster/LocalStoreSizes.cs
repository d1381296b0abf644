using System.Numerics;

namespace StreamKit.State.Faster;

/// <summary>
/// What one store may use, derived from the budgets of a whole job. FASTER's defaults (64 MB of index, 16 GB of log, pages of 32 MB) are
/// never used: a job may have hundreds of stores.
/// </summary>
/// <param name="IndexBytes">The index to begin with.</param>
/// <param name="MaximumIndexBytes">What the index may grow to.</param>
/// <param name="LogBytes">The newest part of the log, in memory.</param>
/// <param name="PageBytes">What the log is written in.</param>
/// <param name="SegmentBytes">What the log is given back in.</param>
/// <param name="DiskBytes">The longest log.</param>
internal readonly record struct LocalStoreSizes(long IndexBytes, long MaximumIndexBytes, long LogBytes, int PageBytes, long SegmentBytes, long DiskBytes)
{
    /// <summary>Below this, buckets would be shared by so many keys that every read follows long chains.</summary>
    public const int IndexBytesPerKey = 16;

    private const long SmallestIndex = 64 << 10;
    private const long SmallestLog = 1 << 20;
    private const long SmallestPage = 64 << 10;

    // Larger pages make no write faster, and each is one stall of whoever must wait for it.
    private const long LargestPage = 4 << 20;
    private const long LargestSegment = 1 << 30;

    // Of a store's memory, the rest being the index's to grow into.
    private const double LogShare = 0.5;
    private const int PagesInMemory = 16;

    // Room is given back in segments, so that many are the steps between an empty and a full disk.
    private const int SegmentsOnDisk = 16;

    /// <summary>The job's budgets, divided; never less than a store can work with.</summary>
    public static LocalStoreSizes Of(long memoryBytes, long diskBytes, int stores)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stores, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(memoryBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(diskBytes);

        var memory = Math.Max(memoryBytes / stores, SmallestLog + SmallestIndex);
        var log = Math.Max(SmallestLog, PowerOfTwoWithin((long)(memory * LogShare)));
        // Up to twice what is left: keys that find no room in the index take as much memory beside it, and more time.
        var index = Math.Max(SmallestIndex, PowerOfTwoReaching(memory - log));
        var page = Math.Clamp(log / PagesInMemory, SmallestPage, LargestPage);
        // The log's part in memory goes to disk at each cut, and a second such part is written before that cut is committed.
        var disk = Math.Max(diskBytes / stores, 2 * log);
        var segment = Math.Clamp(PowerOfTwoWithin(disk / SegmentsOnDisk), page, LargestSegment);
        return new LocalStoreSizes(SmallestIndex, index, log, (int)page, segment, disk);
    }

    private static long PowerOfTwoReaching(long bytes) => (long)BitOperations.RoundUpToPowerOf2((ulong)bytes);

    private static long PowerOfTwoWithin(long bytes) => 1L << BitOperations.Log2((ulong)Math.Max(1, bytes));
}
