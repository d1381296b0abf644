using System.Buffers.Binary;
using System.Numerics;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>
/// The timers of a keyed operator and subtask, as a table of its state. A row belongs to the timer's key; its sub-key is the domain of time and the number
/// of the bucket of 64 milliseconds, its value the mask of the offsets in that bucket.
/// </summary>
internal sealed class TimerTable(string name = TimerTable.DefaultName) : StateTable(new StateSignature(name, StateKind.Timers, TypeSchema.Custom("timers/64ms")))
{
    /// <summary>The name under which an operator's timers are found again.</summary>
    public const string DefaultName = "$timers";

    /// <summary>A byte for the domain, eight for the bucket.</summary>
    public const int SubKeySize = 9;

    private SlotSet _changed = new();
    private readonly SlotSet _stored = new();
    private TimerQueue? _eventTime;
    private TimerQueue? _processingTime;

    public TimerQueue EventTime => _eventTime ?? throw NotAttached();

    public TimerQueue ProcessingTime => _processingTime ?? throw NotAttached();

    /// <summary>Big-endian with the sign turned, so that sub-keys sort as buckets do.</summary>
    public static void WriteSubKey(Span<byte> subKey, TimeDomain domain, long bucket)
    {
        subKey[0] = (byte)domain;
        BinaryPrimitives.WriteInt64BigEndian(subKey[1..], bucket ^ long.MinValue);
    }

    /// <summary>The domain of time, and the timestamp that the offsets in the row's value count from.</summary>
    /// <exception cref="StreamKitException">It is no sub-key of timers.</exception>
    public static (TimeDomain Domain, long Start) ReadSubKey(ReadOnlySpan<byte> subKey) =>
        subKey.Length == SubKeySize && subKey[0] <= (byte)TimeDomain.ProcessingTime
            ? ((TimeDomain)subKey[0], (BinaryPrimitives.ReadInt64BigEndian(subKey[1..]) ^ long.MinValue) << TimerBucket.OffsetBits)
            : throw new StreamKitException($"A row of timers has the sub-key {Convert.ToHexString(subKey)}, not {SubKeySize} bytes beginning with 00 or 01. The checkpoint is damaged, or of a newer version.");

    public override CutTable BeginCut()
    {
        var cut = new TimerCut(this, _changed);
        EventTime.Freeze(cut, TimeDomain.EventTime);
        ProcessingTime.Freeze(cut, TimeDomain.ProcessingTime);
        _changed = new SlotSet();
        return cut;
    }

    public override void Load(int slot, int keyGroup, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
    {
        var (domain, start) = ReadSubKey(subKey);
        var reader = new MessagePackReader(value);
        var offsets = reader.ReadUInt64();
        var queue = domain == TimeDomain.EventTime ? EventTime : ProcessingTime;
        for (; offsets != 0; offsets &= offsets - 1)
            queue.Register(slot, start + BitOperations.TrailingZeroCount(offsets));
    }

    public override void Prefetch(ReadOnlySpan<int> slots)
    {
        EventTime.Prefetch(slots);
        ProcessingTime.Prefetch(slots);
    }

    /// <summary>The timers of a slot are others than those of the last cut.</summary>
    public void Change(int slot) => _changed.Add(slot);

    public override void MarkStored()
    {
        _stored.UnionWith(_changed);
        _changed = new SlotSet();
    }

    public override bool TryForget(int slot)
    {
        if (_stored.Has(slot))
            return false;
        _changed.Remove(slot);
        return true;
    }

    /// <summary>The segments may have rows of the slots of a page from now on.</summary>
    /// <param name="page">The page.</param>
    /// <param name="slots">Its slots.</param>
    /// <param name="replaced">Receives those of which they may have older ones.</param>
    public void Store(int page, ReadOnlySpan<ulong> slots, SlotSet replaced)
    {
        replaced.UnionWith(page, slots);
        replaced.IntersectWith(page, _stored.BitsOf(page));
        _stored.UnionWith(page, slots);
    }

    /// <summary>What the segments have after a cut, or what has to go into the next one.</summary>
    /// <param name="page">The page.</param>
    /// <param name="slots">Those of its slots that the cut holds.</param>
    /// <param name="hasTimers">Which of them had timers.</param>
    /// <param name="stored">Whether the cut's rows are in a segment.</param>
    public void Settle(int page, ReadOnlySpan<ulong> slots, Func<int, bool> hasTimers, bool stored)
    {
        if (!stored)
        {
            _changed.UnionWith(page, slots);
            return;
        }

        for (var word = 0; word < slots.Length; word++)
        {
            for (var bits = slots[word]; bits != 0; bits &= bits - 1)
            {
                var slot = (page << SlotSet.PageBits) + (word << 6) + BitOperations.TrailingZeroCount(bits);
                if (!hasTimers(slot) && !_changed.Has(slot))
                    _stored.Remove(slot);
            }
        }
    }

    protected override void OnAttached()
    {
        _eventTime = new TimerQueue(Owner, this);
        _processingTime = new TimerQueue(Owner, this);
    }

    private StreamKitException NotAttached() => new($"The timers '{Name}' were not added to an operator.");
}
