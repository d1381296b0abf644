using System.Buffers.Binary;
using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>The timers at a barrier, of the slots whose timers have changed. Nothing is copied there but the list of buckets; the writer's thread sorts and packs.</summary>
/// <param name="table">Whose timers they are.</param>
/// <param name="changed">The slots whose timers have changed.</param>
internal sealed class TimerCut(TimerTable table, SlotSet changed) : CutTable
{
    // Those of which older segments may have rows.
    private readonly SlotSet _replaced = new();
    private readonly List<(TimeDomain Domain, long Bucket, ReadOnlyMemory<ulong> Entries)> _buckets = [];
    private Row[]? _rows;
    private int[] _firstRow = [];
    private Func<int, bool>? _hasTimers;
    private int _advanced;
    private int _settled;
    private volatile bool _released;

    /// <summary>Whether the buckets may change in place again.</summary>
    public bool IsReleased => _released;

    public void Add(TimeDomain domain, long bucket, ReadOnlyMemory<ulong> entries) => _buckets.Add((domain, bucket, entries));

    public override bool Advance(ref int slots)
    {
        for (; _advanced < changed.PageCount; _advanced++)
        {
            if (changed.BitsOf(_advanced) is not { IsEmpty: false } page)
                continue;
            if (slots-- <= 0)
                return false;
            table.Store(_advanced, page, _replaced);
        }

        return true;
    }

    public override void CollectSlots(SlotSet into) => into.UnionWith(changed);

    public override void WriteSlot(int slot, OrderedRowSink sink)
    {
        if (_replaced.Has(slot))
            sink.AddTombstone(); // sub-keys of timers are never empty
        var rows = _rows ??= Pack();
        if (!HasTimers(slot))
            return;
        Span<byte> subKey = stackalloc byte[TimerTable.SubKeySize];
        foreach (ref var row in rows.AsSpan(_firstRow[slot].._firstRow[slot + 1]))
        {
            TimerTable.WriteSubKey(subKey, row.Domain, row.Bucket);
            sink.Scratch.Clear();
            var writer = new MessagePackWriter(sink.Scratch);
            writer.Write(row.Offsets);
            writer.Flush();
            sink.Add(subKey, sink.Scratch.WrittenSpan);
        }
    }

    public override void Release()
    {
        _released = true;
        _rows = null;
    }

    public override bool Settle(bool stored, ref int pages)
    {
        _hasTimers ??= HasTimers;
        for (; _settled < changed.PageCount; _settled++)
        {
            if (changed.BitsOf(_settled) is not { IsEmpty: false } slots)
                continue;
            if (pages-- <= 0)
                return false;
            table.Settle(_settled, slots, _hasTimers, stored);
        }

        return true;
    }

    private bool HasTimers(int slot) => slot + 1 < _firstRow.Length && _firstRow[slot] < _firstRow[slot + 1];

    /// <summary>Makes one row per slot, domain and bucket, and orders them so.</summary>
    private Row[] Pack()
    {
        // In the order of sub-keys; the two passes below keep it among the rows of a slot.
        _buckets.Sort((left, right) => (left.Domain, left.Bucket).CompareTo((right.Domain, right.Bucket)));
        var rows = new List<Row>();
        var room = Array.Empty<ulong>();
        var slots = 0;
        foreach (var (domain, bucket, entries) in _buckets)
        {
            if (room.Length < entries.Length)
                room = new ulong[entries.Length];
            var copied = 0;
            foreach (var entry in entries.Span)
            {
                if (changed.Has(TimerBucket.SlotOf(entry)))
                    room[copied++] = entry;
            }

            var count = TimerBucket.ResolveBySlot(room.AsSpan(0, copied));
            for (var i = 0; i < count;)
            {
                var slot = (int)(room[i] >> TimerBucket.OffsetBits);
                var offsets = 0UL;
                for (; i < count && (int)(room[i] >> TimerBucket.OffsetBits) == slot; i++)
                    offsets |= 1UL << ((int)room[i] & TimerBucket.LastOffset);
                rows.Add(new Row(slot, domain, bucket, offsets));
                slots = Math.Max(slots, slot + 1);
            }
        }

        _buckets.Clear();
        return Distribute(rows, slots);
    }

    private Row[] Distribute(List<Row> rows, int slots)
    {
        _firstRow = new int[slots + 1];
        foreach (var row in rows)
            _firstRow[row.Slot + 1]++;
        for (var i = 1; i <= slots; i++)
            _firstRow[i] += _firstRow[i - 1];

        var next = (int[])_firstRow.Clone();
        var distributed = new Row[rows.Count];
        foreach (var row in rows)
            distributed[next[row.Slot]++] = row;
        return distributed;
    }

    private readonly record struct Row(int Slot, TimeDomain Domain, long Bucket, ulong Offsets);
}
