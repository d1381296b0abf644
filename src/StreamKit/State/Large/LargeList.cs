using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// A list of many items, in one array, and which of its rows they are in, page by page. A row is an array of neighbouring items; its sub-key is the place of the
/// first one, big-endian, so appending and replacing never move a row.
/// </summary>
internal sealed class LargeList<T> : LargeValue<ListPage>
{
    private const int PageSize = ListPage.Capacity;

    private readonly Serializer<T> _serializer;
    private readonly List<ListPage> _pages = [];
    private T[] _items;

    /// <summary>Items from here on were appended since the pages were last looked at. All of them have changed.</summary>
    private int _paged;

    /// <param name="owner">Knows the cut.</param>
    /// <param name="slot">The slot of its key.</param>
    /// <param name="serializer">How items are written.</param>
    /// <param name="items">The items of a small list. Copied: a cut may be reading them.</param>
    /// <param name="stored">The page whose rows they are stored in, as they are; null where they are in no rows of pages yet.</param>
    public LargeList(LargeValues owner, int slot, Serializer<T> serializer, ReadOnlySpan<T> items, ListPage? stored = null)
        : base(owner, slot)
    {
        _serializer = serializer;
        _items = new T[Math.Max(4, items.Length * 2)];
        items.CopyTo(_items);
        Count = items.Length;
        if (stored is not null)
        {
            stored.MarkStored();
            _pages.Add(stored);
            _paged = Count;
        }
        else if (Count > 0)
        {
            BeginAppending();
        }
    }

    public int Count { get; private set; }

    /// <summary>The items, and room for more. Those that are there stay as they are in an array that has become too short.</summary>
    public T[] Items => _items;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(T item)
    {
        if (AddedAt != Owner.Epoch)
            BeginAppending();
        if (Count == _items.Length)
            Array.Resize(ref _items, Count * 2);
        _items[Count++] = item;
    }

    /// <summary>Puts an item in place of another.</summary>
    public void Set(int index, T item)
    {
        Touch(index);
        _items[index] = item;
    }

    /// <summary>An item that may be changed by who gets it.</summary>
    public T HandOut(int index)
    {
        Touch(index);
        return _items[index];
    }

    /// <summary>Takes a row back in.</summary>
    public void Load(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
    {
        uint first = BinaryPrimitives.ReadUInt32BigEndian(subKey);
        var reader = new MessagePackReader(value);
        int count = reader.ReadArrayHeader();
        if (first != Count || count > PageSize - (Count % PageSize))
            throw new StreamKitException($"A list of {Count} items goes on with a row of {count} items from place {first} on, which does not fit: the checkpoint is damaged.");
        Divide();
        ListPage page = PageAt(Count);
        page.BeginRow();
        for (; count > 0; count--)
            Append(_serializer.Read(ref reader));
        Divide();
    }

    public override void WriteAll(RowSink sink)
    {
        Divide();
        foreach (ListPage page in _pages)
            page.Write<T>(ItemsOf(page), _serializer, sink, changedOnly: false);
    }

    public override void WriteChanged(OrderedRowSink sink)
    {
        if (Replaces)
            sink.AddTombstone();
        Divide();
        foreach (ListPage page in _pages)
            page.Write<T>(ItemsOf(page), _serializer, sink, changedOnly: true);
    }

    public override void MarkStored()
    {
        Divide();
        base.MarkStored();
    }

    protected override void TakeRows(ListPage part, RowSink sink)
    {
        part.Take<T>(ItemsOf(part), _serializer, sink);
        MarkTaken(part);
    }

    protected override void TakeBack(ListPage part) => part.TakeBack();

    protected override void MarkStored(ListPage part) => part.MarkStored();

    protected override void EndEpoch() => Divide();

    /// <summary>Called before an item is replaced, or handed out to somebody who may change it.</summary>
    private void Touch(int index)
    {
        Follow();
        if (index >= _paged)
            return; // it is new
        ListPage page = _pages[index / PageSize];
        Prepare(page);
        page.Change(index % PageSize);
    }

    private void BeginAppending()
    {
        Follow();
        AddToChanged();
    }

    /// <summary>Gives items that were appended to pages. A page that an open cut wants is given to it first, as it was.</summary>
    private void Divide()
    {
        while (_paged < Count)
        {
            ListPage page = PageAt(_paged);
            BeginChange(page);
            int end = Math.Min(Count, page.First + PageSize);
            page.Append(end - _paged);
            _paged = end;
        }
    }

    private ListPage PageAt(int index)
    {
        if (index / PageSize == _pages.Count)
            _pages.Add(new ListPage(index));
        return _pages[^1];
    }

    private ReadOnlySpan<T> ItemsOf(ListPage page) => _items.AsSpan(page.First, page.Count);
}
