using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using StreamKit.Elements;
using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>
/// The timers of one operator and subtask in one domain of time: buckets of 64 milliseconds, a heap of their ids, and the last timer that each slot registered,
/// because most registrations repeat it. Every entry of a bucket holds its slot. Owned by the operator's thread.
/// </summary>
internal sealed class TimerQueue(KeyedState owner, TimerTable table)
{
    private const int PageBits = 12;
    private const int SpareBuckets = 64;

    // Four seconds of buckets are found without a hash lookup.
    private const int RecentBuckets = 64;

    // Below this many entries it is not worth resolving what was registered and deleted again.
    private const int SmallestResolve = 1 << 16;

    private readonly Dictionary<long, TimerBucket> _buckets = [];
    private readonly PriorityQueue<TimerBucket, long> _order = new();
    private readonly Stack<TimerBucket> _spare = new();
    private long[]?[] _lastRegistered = [];
    private readonly TimerBucket?[] _recent = new TimerBucket?[RecentBuckets];
    private TimerBucket? _firing;
    private ulong[] _scratch = [];
    private long _firedThrough = long.MinValue;
    private int _entries;
    private int _resolveAt = SmallestResolve;

    /// <summary>Registrations and deletions that are kept, resolved or not.</summary>
    public int Count => _entries;

    /// <summary>No timer is due before this; <see cref="long.MaxValue"/> when there is none, or one that is due only then.</summary>
    public long Next => Peek()?.Earliest ?? long.MaxValue;

    /// <summary>Registers a timer; nothing changes if there is the same one already.</summary>
    public void Register(int slot, long timestamp)
    {
        ref var last = ref LastRegistered(slot);
        if (last == timestamp && timestamp > _firedThrough)
            return;
        last = timestamp;
        Append(BucketOf(timestamp), slot, timestamp, registers: true);
    }

    /// <summary>Deletes a timer; nothing changes if there is none.</summary>
    public void Delete(int slot, long timestamp)
    {
        if (!_buckets.TryGetValue(TimerBucket.IdOf(timestamp), out var bucket))
            return;
        ref var last = ref LastRegistered(slot);
        if (last == timestamp)
            last = EventTime.None;
        Append(bucket, slot, timestamp, registers: false);
    }

    /// <summary>Asks for the cache lines that registrations for these slots touch.</summary>
    public unsafe void Prefetch(ReadOnlySpan<int> slots)
    {
        if (_entries == 0 || !Sse.IsSupported)
            return;
        foreach (var slot in slots)
        {
            var page = slot >> PageBits;
            if (page < _lastRegistered.Length && _lastRegistered[page] is { } last)
                Sse.Prefetch0(Unsafe.AsPointer(ref last[slot & ((1 << PageBits) - 1)])); // only a hint: the address may be stale
        }
    }

    /// <summary>
    /// Takes out all timers of the earliest timestamp that is due. To be called again until it gives none: what is registered meanwhile is seen.
    /// </summary>
    /// <param name="through">Timers up to here are due.</param>
    /// <param name="timestamp">Receives their common timestamp.</param>
    /// <param name="timers">Receives the timers, in order of their slots; valid until the next call. Read them by <see cref="TimerBucket.SlotOf"/>, and give each back by <see cref="Done"/>.</param>
    public bool TryTake(long through, out long timestamp, out ReadOnlySpan<ulong> timers)
    {
        _firing = null;
        if (_entries > _resolveAt)
            ResolveAll();

        while (Peek() is { } bucket && (bucket.Count == 0 || bucket.Earliest <= through))
        {
            Resolve(bucket);
            timers = bucket.TakeFirst(bucket.Id < TimerBucket.IdOf(through) ? TimerBucket.LastOffset : (int)through & TimerBucket.LastOffset);
            if (timers.IsEmpty)
            {
                if (bucket.Count == 0)
                    Forget(bucket);
                continue;
            }

            timestamp = (bucket.Id << TimerBucket.OffsetBits) + TimerBucket.OffsetOf(timers[0]);
            _firedThrough = Math.Max(_firedThrough, timestamp);
            _firing = bucket;
            return true;
        }

        timestamp = 0;
        timers = default;
        return false;
    }

    /// <summary>The slots of the timers that <see cref="TryTake"/> gives next, as far as they stand together; more may be registered meanwhile.</summary>
    /// <param name="through">Timers up to here are due.</param>
    /// <param name="slots">Receives slots, each once for each timer.</param>
    /// <returns>How many.</returns>
    public int Upcoming(long through, Span<int> slots)
    {
        if (Peek() is not { } bucket || bucket.Earliest > through)
            return 0;
        Resolve(bucket);
        return bucket.Slots(bucket.Id < TimerBucket.IdOf(through) ? TimerBucket.LastOffset : (int)through & TimerBucket.LastOffset, slots);
    }

    /// <summary>Ends the work on one timer that <see cref="TryTake"/> gave.</summary>
    public void Done(int slot)
    {
        _entries--;
        table.Change(slot);
        owner.Release(slot);
    }

    /// <summary>Adds all buckets, as they are, to a cut.</summary>
    public void Freeze(TimerCut cut, TimeDomain domain)
    {
        foreach (var bucket in _buckets.Values)
        {
            if (bucket.Count > 0)
                cut.Add(domain, bucket.Id, bucket.Freeze(cut));
        }
    }

    private void Append(TimerBucket bucket, int slot, long timestamp, bool registers)
    {
        if (bucket.IsFull)
            Resolve(bucket);
        owner.Retain(slot);
        table.Change(slot);
        bucket.Append(slot, timestamp, registers);
        if (++_entries > _resolveAt && _firing is null)
            ResolveAll();
    }

    private void Resolve(TimerBucket bucket)
    {
        _entries -= bucket.Count;
        bucket.Resolve(ref _scratch, owner);
        _entries += bucket.Count;
    }

    private TimerBucket BucketOf(long timestamp)
    {
        var id = TimerBucket.IdOf(timestamp);
        ref var recent = ref _recent[(int)id & (RecentBuckets - 1)];
        if (recent is null || recent.Id != id || !recent.IsListed)
            recent = _buckets.TryGetValue(id, out var known) ? known : Create(id);
        return recent;
    }

    private TimerBucket Create(long id)
    {
        var bucket = _spare.Count > 0 ? _spare.Pop() : new TimerBucket();
        bucket.Reuse(id);
        bucket.IsListed = true;
        _buckets.Add(id, bucket);
        _order.Enqueue(bucket, id);
        return bucket;
    }

    private TimerBucket? Peek() => _order.TryPeek(out var bucket, out _) ? bucket : null;

    /// <summary>Lets go of the first bucket, which is empty.</summary>
    private void Forget(TimerBucket bucket)
    {
        Debug.Assert(ReferenceEquals(Peek(), bucket));
        _order.Dequeue();
        _buckets.Remove(bucket.Id);
        bucket.IsListed = false;
        if (_spare.Count < SpareBuckets)
            _spare.Push(bucket);
    }

    /// <summary>Drops what was registered and deleted again, so that memory follows the timers that are pending.</summary>
    private void ResolveAll()
    {
        _order.Clear();
        foreach (var bucket in _buckets.Values)
        {
            Resolve(bucket);
            if (bucket.Count > 0)
                _order.Enqueue(bucket, bucket.Id);
            else
                bucket.IsListed = false;
        }

        foreach (var (id, bucket) in _buckets)
        {
            if (!bucket.IsListed)
                _buckets.Remove(id); // allowed during enumeration
        }

        _resolveAt = Math.Max(SmallestResolve, _entries * 2);
    }

    private ref long LastRegistered(int slot)
    {
        var page = slot >> PageBits;
        if (page >= _lastRegistered.Length)
            Array.Resize(ref _lastRegistered, Math.Max(page + 1, _lastRegistered.Length * 2));
        return ref (_lastRegistered[page] ?? NewPage(page))[slot & ((1 << PageBits) - 1)];
    }

    private long[] NewPage(int page)
    {
        var last = new long[1 << PageBits];
        Array.Fill(last, EventTime.None);
        return _lastRegistered[page] = last;
    }
}
