using System.Numerics;
using System.Runtime.CompilerServices;

namespace StreamKit.State;

/// <summary>
/// The buckets of a large map in order of their hashes, and for each of a power of two of equal ranges of hashes, about as large as buckets are, where they
/// begin and in which epoch they have changed. So that a change is noted already is seen by reading one number.
/// </summary>
internal sealed class MapBuckets
{
    /// <summary>Entries of a full map to a range.</summary>
    private const int EntriesPerRangeBits = 7;

    private MapBucket?[] _ranges = new MapBucket?[1];
    private int[] _marks = [0];
    private int _bits;
    private bool _hasGaps;

    /// <summary>The first bucket; null while there is none.</summary>
    public MapBucket? First { get; private set; }

    private MapBucket? Last { get; set; }

    /// <summary>The epoch for which all buckets around a hash are marked as changed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int MarkOf(uint hash) => _marks[RangeOf(hash)];

    /// <summary>The bucket that a hash belongs to.</summary>
    public MapBucket Find(uint hash)
    {
        if (_hasGaps || Last?.End is not 1L << 32)
            FillGaps();
        MapBucket bucket = _ranges[RangeOf(hash)]!; // without gaps each range has one
        while (hash >= bucket.End)
            bucket = bucket.Next!; // the last one ends behind all hashes
        return bucket;
    }

    /// <summary>Adds a bucket behind all others.</summary>
    /// <returns>False when its hashes are not behind those of the others.</returns>
    public bool TryAppend(MapBucket bucket)
    {
        long end = Last?.End ?? 0;
        if (bucket.Start < end)
            return false;
        _hasGaps |= bucket.Start > end;
        if (Last is null)
            First = bucket;
        else
            Last.Next = bucket;
        Last = bucket;
        Enter(bucket, bucket.Start);
        return true;
    }

    /// <summary>Takes charge of all buckets there are.</summary>
    public void Take(MapBucket first)
    {
        for (MapBucket? bucket = first, next; bucket is not null; bucket = next)
        {
            next = bucket.Next;
            TryAppend(bucket);
        }
    }

    /// <summary>Divides a bucket in two.</summary>
    /// <returns>The upper one.</returns>
    public MapBucket Divide(MapBucket bucket)
    {
        MapBucket upper = bucket.Divide();
        if (Last == bucket)
            Last = upper;
        Enter(upper, upper.Start);
        return upper;
    }

    /// <summary>Notes that a bucket has changed in an epoch, or with 0 that it has not, as far as it has ranges of its own.</summary>
    public void Mark(MapBucket bucket, int epoch)
    {
        if (bucket.Depth <= _bits)
            _marks.AsSpan(RangeOf(bucket.Start), 1 << (_bits - bucket.Depth)).Fill(epoch);
        else if (epoch == 0)
            _marks[RangeOf(bucket.Start)] = 0;
    }

    /// <summary>Follows a map that has grown.</summary>
    /// <param name="capacity">Its places.</param>
    public void Grow(int capacity)
    {
        int bits = Math.Max(0, BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)capacity)) - EntriesPerRangeBits);
        if (bits <= _bits)
            return;
        int[] marks = new int[1 << bits];
        for (int range = 0; range < marks.Length; range++)
            marks[range] = _marks[range >> (bits - _bits)];
        _marks = marks;
        _ranges = new MapBucket?[1 << bits];
        _bits = bits;
        for (MapBucket? bucket = First; bucket is not null; bucket = bucket.Next)
            Enter(bucket, bucket.Start);
    }

    private int RangeOf(uint hash) => (int)((ulong)hash >> (32 - _bits));

    /// <summary>A bucket is the first of the ranges that begin in it.</summary>
    private void Enter(MapBucket bucket, long start)
    {
        int width = 32 - _bits;
        int first = (int)((start + (1L << width) - 1) >> width);
        int end = (int)((bucket.End + (1L << width) - 1) >> width);
        _ranges.AsSpan(first..end).Fill(bucket);
    }

    /// <summary>Buckets that had lost their entries have not come back from the segments: the hashes between the others get empty ones, as large as they may be.</summary>
    private void FillGaps()
    {
        MapBucket? next = First;
        (First, Last, _hasGaps) = (null, null, false);
        for (long hash = 0; hash <= uint.MaxValue; hash = Last!.End) // one was added
        {
            MapBucket added;
            if (next is not null && next.Start == hash)
            {
                added = next;
                next = next.Next;
            }
            else
            {
                long room = (next?.Start ?? 1L << 32) - hash;
                int bits = (int)Math.Min(Math.Min(32, long.TrailingZeroCount(hash)), long.Log2(room));
                added = new MapBucket((uint)hash, 32 - bits);
            }

            TryAppend(added);
        }

        Last!.Next = null; // added above
    }
}
