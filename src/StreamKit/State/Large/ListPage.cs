using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// Up to <see cref="Capacity"/> neighbouring items of a <see cref="LargeList{T}"/>, and how they are divided into rows. Where rows begin is found when they are
/// written, and stays so: a row that has become too long is divided, and none are joined.
/// </summary>
/// <param name="first">The place of the first item in the list.</param>
internal sealed class ListPage(int first) : ValuePart
{
    /// <summary>Items of some bytes each fill a row of about a kilobyte. A page is what is serialized at once before a change, so it is not larger.</summary>
    public const int Capacity = PageBits.Count;

    private PageBits _starts;
    private PageBits _changed;
    private PageBits _taken;

    public int First => first;

    public int Count { get; private set; }

    /// <summary>Adds items, which count as changed.</summary>
    public void Append(int count)
    {
        _changed.SetRange(Count, count);
        Count += count;
    }

    /// <summary>An item is replaced, or may be changed by whoever it is handed out to.</summary>
    public void Change(int index) => _changed.Set(index);

    /// <summary>The next item that is appended begins a row.</summary>
    public void BeginRow() => _starts.Set(Count);

    /// <summary>All of it is in the segments, as it is.</summary>
    public void MarkStored() => _changed.Clear();

    /// <summary>Writes the rows in order, or those only that have changed.</summary>
    /// <param name="items">The items of the page.</param>
    /// <param name="times">When they expire; empty where they do not.</param>
    /// <param name="serializer">How items are written.</param>
    /// <param name="sink">Takes the rows.</param>
    /// <param name="changedOnly">Whether rows that have not changed are left out.</param>
    public void Write<T>(ReadOnlySpan<T> items, ReadOnlySpan<long> times, Serializer<T> serializer, RowSink sink, bool changedOnly)
    {
        for (int start = 0; start < Count;)
        {
            int end = Math.Min(Count, _starts.NextFrom(start + 1));
            bool isChanged = _changed.NextFrom(start) < end;
            if (isChanged || !changedOnly)
                WriteRows(items[..end], times, start, serializer, sink, divides: isChanged);
            start = end;
        }
    }

    /// <summary>Writes the rows that have changed, and takes note that they were.</summary>
    public void Take<T>(ReadOnlySpan<T> items, ReadOnlySpan<long> times, Serializer<T> serializer, RowSink sink)
    {
        Write(items, times, serializer, sink, changedOnly: true);
        _taken = _changed;
        _changed.Clear();
    }

    /// <summary>What was last taken counts as changed again.</summary>
    public void TakeBack() => _changed.UnionWith(_taken);

    /// <summary>Writes the items from one on as one row, or as several if that is too long. Of a row that is divided both sides have changed, whichever item did: its own row ends sooner.</summary>
    private void WriteRows<T>(ReadOnlySpan<T> items, ReadOnlySpan<long> times, int start, Serializer<T> serializer, RowSink sink, bool divides)
    {
        sink.Scratch.Clear();
        for (int next = start; next < items.Length;)
        {
            var item = new MessagePackWriter(sink.Scratch);
            serializer.Write(ref item, items[next]);
            item.Flush();
            next++;
            if (next < items.Length && (!divides || sink.Scratch.WrittenCount < LargeCutRows.RowSize))
                continue;
            if (sink.Scratch.WrittenCount >= LargeCutRows.RowSize && next < Capacity)
                _starts.Set(next);
            if (next < items.Length)
            {
                _changed.Set(start);
                _changed.Set(next);
            }

            Add(start, next - start, times, sink);
            sink.Scratch.Clear();
            start = next;
        }
    }

    private void Add(int start, int count, ReadOnlySpan<long> times, RowSink sink)
    {
        sink.Value.Clear();
        var writer = new MessagePackWriter(sink.Value);
        if (!times.IsEmpty)
            TimedParts.Begin(ref writer, times.Slice(start, count));
        writer.WriteArrayHeader(count);
        writer.WriteRaw(sink.Scratch.WrittenSpan);
        writer.Flush();
        Span<byte> subKey = stackalloc byte[LargeCutRows.SubKeySize];
        LargeCutRows.WriteSubKey(subKey, (uint)(first + start));
        sink.Add(subKey, sink.Value.WrittenSpan);
    }
}
