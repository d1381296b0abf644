using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamKit.Elements;
using StreamKit.Operators;
using StreamKit.State;

namespace StreamKit.Windowing;

/// <summary>
/// Adds each record to the accumulator of its key in the slice of its timestamp, and fires windows as the watermark passes them, by scanning their slices
/// in order of slots. There are no timers, and no work for keys and windows without records.
/// </summary>
/// <remarks>
/// What has fired follows from the watermark alone: every window whose last millisecond it has reached. So a restored watermark is all that a restored
/// operator needs besides its slices to go on exactly as it would have.
/// </remarks>
internal sealed class WindowOperator<TKey, T, TAcc, TOut, TFunction, TSite>(KeySelector<T, TKey> selector, WindowSettings<T> settings, TFunction function) : Operator<T, TOut>
    where TKey : notnull
    where TFunction : struct, IWindowFunction<TKey, T, TAcc, TOut>
    where TSite : struct
{
    // Beyond all windows of records, but far enough from the ends of the number range to calculate with.
    private const long Farthest = long.MaxValue / 2;

    private readonly WindowLayout _layout = settings.Layout;
    private readonly TFunction _function = function;
    private KeyResolver<TKey, T>? _keys;
    private WindowTable<TAcc>? _table;
    private OperatorLists? _lists;
    private long _firedThrough = EventTime.None;
    private ulong[][] _present = [];

    public override KeyedState? Keyed => _keys?.State;

    private WindowTable<TAcc> Table => _table ?? throw new InvalidOperationException("The operator is not open.");

    private KeyedState<TKey> State => (_keys ?? throw new InvalidOperationException("The operator is not open.")).State;

    public override ValueTask DisposeAsync()
    {
        _function.Close();
        return base.DisposeAsync();
    }

    protected override void OnOpen()
    {
        _keys = new KeyResolver<TKey, T>(selector, Services);
        _table = _function.CreateTable(_layout, Services.Serializers);
        _table.Watermark = () => Watermark;
        _table.AllowedLateness = settings.AllowedLateness;
        State.AddTable(_table);
        var handles = new KeyedStateContext(State, Services.Serializers);
        var context = new OperatorContext(Services, handles);
        _function.Open(context, Services, Output);
        handles.Close();
        _firedThrough = Watermark;
        _lists = context.Lists;
    }

    protected override void Process(Batch<T> batch)
    {
        if (!batch.HasTimestamps)
            throw NoTimestamp();
        var values = batch.Span;
        var slots = _keys!.Resolve(values)[..values.Length]; // made in OnOpen
        var timestamps = batch.TimestampSpan[..values.Length];
        var i = 0;
        try
        {
            while (i < values.Length)
            {
                var slice = SliceOf(timestamps[i]);
                if (slice is not null && slice.FirstWindowEnd - 1 > Watermark)
                {
                    AddRun(slice, values, timestamps, slots, ref i);
                    continue;
                }

                if (slice is not null)
                    AddLate(slice, slots[i], values[i]);
                else
                    Refuse(values[i], timestamps[i]);
                i++;
            }
        }
        catch (Exception cause)
        {
            throw Services.Explain(cause, values[i]);
        }

        State.EndBatch();
    }

    protected override void OnWatermark(long watermark)
    {
        var end = 0L;
        try
        {
            while (TryNextWindow(out end) && end - 1 <= watermark)
            {
                Fire(end);
                _firedThrough = end - 1;
            }
        }
        catch (Exception cause) when (State.CurrentSlot >= 0)
        {
            throw ExplainFiring(cause, end);
        }

        _firedThrough = watermark;
        var done = 0;
        while (done < Table.Slices.Count && IsDone(Table.Slices[done].LastWindowEnd))
            done++;
        if (done > 0)
            Table.RemoveFirst(done);
        State.EndBatch();
    }

    protected override OperatorCut Cut() => CutWith(_lists);

    /// <summary>
    /// Adds records as long as they belong to one slice, none of whose windows has fired, and leaves the index of the first that does not.
    /// A method of its own, so that the loop has all registers.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddRun(WindowSlice<TAcc> slice, ReadOnlySpan<T> values, ReadOnlySpan<long> timestamps, ReadOnlySpan<int> slots, ref int i)
    {
        var accumulators = slice.Accumulators.Writer;
        var start = slice.Start;
        var length = (ulong)slice.Length;
        var function = _function; // a call through the field would copy it each time
        for (var at = i; at < values.Length && (ulong)(timestamps[at] - start) < length; at++)
        {
            i = at;
            var slot = slots[at];
            ref var accumulator = ref accumulators.Ref(slot, out var existed);
            if (!existed)
                Table.Held.Hold(slot);
            function.Add(ref accumulator, !existed, values[at]);
        }

        i++;
    }

    /// <summary>Adds a record of which windows have fired but are kept, and fires those again for its key.</summary>
    private void AddLate(WindowSlice<TAcc> slice, int slot, T value)
    {
        ref var accumulator = ref slice.Accumulators.Ref(slot, out var existed);
        if (!existed)
            Table.Held.Hold(slot);
        _function.Add(ref accumulator, !existed, value);
        State.CurrentSlot = slot;
        var end = slice.FirstWindowEnd;
        try
        {
            for (; end <= slice.LastWindowEnd && end - 1 <= Watermark; end += _layout.Slide)
            {
                if (!IsDone(end))
                    FireAgain(slot, end);
            }
        }
        catch (Exception cause)
        {
            throw ExplainFiring(cause, end, value);
        }
    }

    /// <summary>The slice of a timestamp; null when all its windows are done, or it is in none.</summary>
    private WindowSlice<TAcc>? SliceOf(long timestamp)
    {
        if (Table.Find(timestamp) is { } slice)
            return slice;
        if (timestamp is > WindowLayout.LargestTimestamp or < -WindowLayout.LargestTimestamp)
            throw timestamp == EventTime.None ? NoTimestamp() : new StreamKitException($"The record's timestamp is {timestamp} ms since 1970, which no window can hold. Check the unit of WithTimestamp: it is milliseconds.");
        var start = _layout.SliceStart(timestamp);
        return !_layout.IsInWindow(start) || IsDone(_layout.LastWindowEnd(start)) ? null : Table.GetOrAdd(start);
    }

    /// <summary>Drops a record for which there is no window; counts it or sends it aside when that is because it is late.</summary>
    private void Refuse(T value, long timestamp)
    {
        if (!_layout.IsInWindow(_layout.SliceStart(timestamp)))
            return;
        if (settings.LateTag is { } tag)
            Output.AddSide(tag, value, timestamp);
        else
            Services.Metrics.AddLate(1);
    }

    /// <summary>True when a window fires no more, not even for late records.</summary>
    private bool IsDone(long windowEnd) => windowEnd - 1 + settings.AllowedLateness <= Watermark;

    /// <summary>The first window that has records and has not fired. Found by arithmetic, however far it is.</summary>
    private bool TryNextWindow(out long end)
    {
        var next = _layout.FirstWindowEndAfter(Math.Clamp(_firedThrough, -Farthest, Farthest) + 1);
        var first = Table.FirstFrom(next - _layout.Size);
        if (first == Table.Slices.Count)
        {
            end = 0;
            return false;
        }

        end = Math.Max(next, Table.Slices[first].FirstWindowEnd);
        return true;
    }

    /// <summary>Emits a window's result for every key that has records in it, in order of slots.</summary>
    private void Fire(long end)
    {
        var window = new TimeWindow(end - _layout.Size, end);
        var first = Table.FirstFrom(window.StartMilliseconds);
        var count = Table.FirstFrom(end) - first;
        var slices = CollectionsMarshal.AsSpan(Table.Slices).Slice(first, count);
        if (count == 1)
        {
            var column = slices[0].Accumulators;
            foreach (var slot in column.Slots)
                Emit(slot, window, Read(column, slot));
            return;
        }

        var pages = 0;
        foreach (var slice in slices)
            pages = Math.Max(pages, slice.Accumulators.PageCount);
        if (_present.Length < count)
            _present = new ulong[count][];
        for (var page = 0; page < pages; page++)
            FirePage(page, window, slices);
    }

    private void FirePage(int page, TimeWindow window, ReadOnlySpan<WindowSlice<TAcc>> slices)
    {
        var present = _present.AsSpan(0, slices.Length);
        for (var i = 0; i < slices.Length; i++)
            present[i] = slices[i].Accumulators.BitsOf(page);
        for (var word = 0; word < Column<TAcc>.WordsPerPage; word++)
        {
            var any = 0UL;
            foreach (var bitmaps in present)
                any |= bitmaps[Column<TAcc>.PresentAt + word];
            for (; any != 0; any &= any - 1)
            {
                var bit = BitOperations.TrailingZeroCount(any);
                var slot = (((page * Column<TAcc>.WordsPerPage) + word) << 6) + bit;
                FireSlot(slot, Column<TAcc>.PresentAt + word, 1UL << bit, window, slices, present);
            }
        }
    }

    private void FireSlot(int slot, int word, ulong bit, TimeWindow window, ReadOnlySpan<WindowSlice<TAcc>> slices, ReadOnlySpan<ulong[]> present)
    {
        State.CurrentSlot = slot; // merging is user code, too
        var i = 0;
        while ((present[i][word] & bit) == 0)
            i++;
        var merged = Read(slices[i].Accumulators, slot);
        var isOwn = false;
        for (i++; i < slices.Length; i++)
        {
            if ((present[i][word] & bit) == 0)
                continue;
            var later = Read(slices[i].Accumulators, slot);
            merged = isOwn ? _function.MergeInto(merged, later) : _function.Merge(merged, later);
            isOwn = true;
        }

        Emit(slot, window, merged);
    }

    /// <summary>Emits a window's result for one key.</summary>
    private void FireAgain(int slot, long end)
    {
        var window = new TimeWindow(end - _layout.Size, end);
        var merged = default(TAcc)!; // a key's record is in one of the slices at least
        var found = 0;
        for (var i = Table.FirstFrom(window.StartMilliseconds); i < Table.Slices.Count && Table.Slices[i].Start < end; i++)
        {
            if (!Table.Slices[i].Accumulators.TryPeek(slot, out var next))
                continue;
            merged = found switch
            {
                0 => next,
                1 => _function.Merge(merged, next),
                _ => _function.MergeInto(merged, next),
            };
            found++;
        }

        Emit(slot, window, merged);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Emit(int slot, TimeWindow window, TAcc accumulator)
    {
        State.Enter(slot);
        _function.Emit(State.KeyOf(slot), window, accumulator, Watermark, Output.Main);
    }

    /// <summary>What is known to be present.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TAcc Read(Column<TAcc> column, int slot)
    {
        if (column.IsImmutable)
            return column.Known(slot);
        column.TryPeek(slot, out var accumulator);
        return accumulator!; // present
    }

    private Exception ExplainFiring(Exception cause, long end, object? record = null) => Services.ExplainFiring(
        cause, $"the window from {EventTime.Describe(end - _layout.Size)} to {EventTime.Describe(end)}", State.KeyOf(State.CurrentSlot), record);

    private static StreamKitException NoTimestamp() => new(
        "The record has no timestamp, but event-time windows need one. Call AssignTimestampsAndWatermarks behind every source that feeds this operator.");
}
