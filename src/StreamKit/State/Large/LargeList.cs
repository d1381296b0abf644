using System.Buffers.Binary;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// A list of many items, in pages. A row is an array of neighbouring items; its sub-key is the place of the first one, big-endian, so appending and replacing
/// never move a row.
/// </summary>
internal sealed class LargeList<T>(LargeValues owner, int slot, Serializer<T> serializer) : LargeValue<ListPage<T>>(owner, slot)
{
    private const int PageSize = ListPage<T>.Capacity;

    private readonly List<ListPage<T>> _pages = [];

    public int Count { get; private set; }

    public void Append(T item)
    {
        ListPage<T> page = Tail();
        Prepare(page);
        page.Append(item);
        Count++;
    }

    /// <summary>Puts an item in place of another.</summary>
    public void Set(int index, T item)
    {
        ListPage<T> page = _pages[index / PageSize];
        Prepare(page);
        page.Items[index % PageSize] = item;
        page.Change(index % PageSize);
    }

    /// <summary>An item for somebody who does not change it.</summary>
    public T Peek(int index) => _pages[index / PageSize].Items[index % PageSize];

    /// <summary>An item that may be changed by who gets it.</summary>
    public T HandOut(int index)
    {
        ListPage<T> page = _pages[index / PageSize];
        Prepare(page);
        page.Change(index % PageSize);
        return page.Items[index % PageSize];
    }

    /// <summary>Takes a row back in.</summary>
    public void Load(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
    {
        uint first = BinaryPrimitives.ReadUInt32BigEndian(subKey);
        var reader = new MessagePackReader(value);
        int count = reader.ReadArrayHeader();
        if (first != Count || count > PageSize - (Count % PageSize))
            throw new StreamKitException($"A list of {Count} items goes on with a row of {count} items from place {first} on, which does not fit: the checkpoint is damaged.");
        ListPage<T> page = Tail();
        page.BeginRow();
        Prepare(page);
        for (; count > 0; count--, Count++)
            page.Append(serializer.Read(ref reader));
    }

    public override void WriteAll(RowSink sink)
    {
        foreach (ListPage<T> page in _pages)
            page.Write(serializer, sink, changedOnly: false);
    }

    public override void WriteChanged(OrderedRowSink sink)
    {
        if (Replaces)
            sink.AddTombstone();
        foreach (ListPage<T> page in _pages)
            page.Write(serializer, sink, changedOnly: true);
    }

    protected override void TakeRows(ListPage<T> part, RowSink sink, bool isIdle) => part.Take(serializer, sink);

    protected override void TakeBack(ListPage<T> part) => part.TakeBack();

    protected override void MarkStored(ListPage<T> part) => part.MarkStored();

    private ListPage<T> Tail()
    {
        if (Count % PageSize == 0)
            _pages.Add(new ListPage<T>(Count));
        return _pages[^1];
    }
}
