using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>The cut of values that expire: each row is an array of the time when it does and the value.</summary>
internal sealed class TimedCut<T>(ColumnCut<T> values, ColumnCut<long> times, long now) : CutTable
{
    private TimedRowSink? _sink;

    public override Exception? Failure => values.Failure;

    /// <summary>What has expired at the barrier is not alive at any time that a job could go on from here.</summary>
    public override IsDeadRow DeadRows => (in SegmentRow row) => TimedRow.ReadExpiry(row.Value) <= now;

    public override bool Advance(ref int slots) => values.Advance(ref slots) && times.Advance(ref slots);

    public override void CollectSlots(SlotSet into) => values.CollectSlots(into);

    public override void WriteSlot(int slot, OrderedRowSink sink)
    {
        if (!values.Has(slot))
        {
            values.WriteSlot(slot, sink);
            return;
        }

        TimedRowSink timed = _sink ??= new TimedRowSink();
        timed.Inner = sink;
        times.WriteRows(slot, timed);
        values.WriteRows(slot, timed);
    }

    public override void Release()
    {
        values.Release();
        times.Release();
        _sink?.Dispose();
    }

    public override bool Settle(bool stored, ref int pages) => values.Settle(stored, ref pages) && times.Settle(stored, ref pages);

    /// <summary>Makes one row of two: the first is the time, the second the value.</summary>
    private sealed class TimedRowSink : RowSink
    {
        private readonly PooledBufferWriter _row = new();
        private bool _hasTime;

        public RowSink? Inner { get; set; }

        public override void Add(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
        {
            if (!_hasTime)
                TimedRow.Begin(_row);
            var writer = new MessagePackWriter(_row);
            writer.WriteRaw(value);
            writer.Flush();
            if (_hasTime)
                Inner!.Add(subKey, _row.WrittenSpan); // set before the first row
            _hasTime = !_hasTime;
        }

        public override void Dispose()
        {
            _row.Dispose();
            base.Dispose();
        }
    }
}
