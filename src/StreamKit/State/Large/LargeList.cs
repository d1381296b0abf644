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
    private readonly ListTimes? _times;
    private T[] _items;

    /// <summary>The epoch in which items can be appended without more ado; none where they expire.</summary>
    private int _appendsAt;

    /// <summary>The place behind the row that was loaded last.</summary>
    private int _loaded;

    /// <summary>Items from here on were appended since the pages were last looked at. All of them have changed.</summary>
    private int _paged;

    /// <param name="owner">Knows the cut.</param>
    /// <param name="slot">The slot of its key.</param>
    /// <param name="serializer">How items are written.</param>
    /// <param name="items">The items of a small list. Copied: a cut may be reading them.</param>
    /// <param name="stored">The page whose rows they are stored in, as they are; null where they are in no rows of pages yet.</param>
    /// <param name="times">When items expire; null where they do not. Empty.</param>
    public LargeList(LargeValues owner, int slot, Serializer<T> serializer, ReadOnlySpan<T> items, ListPage? stored = null, ListTimes? times = null)
        : base(owner, slot)
    {
        _serializer = serializer;
        _times = times;
        _items = new T[Math.Max(4, items.Length * 2)];
        items.CopyTo(_items);
        End = items.Length;
        for (int i = 0; i < End; i++)
            times?.Add(i, times.Next);
        if (stored is not null)
        {
            stored.MarkStored();
            _pages.Add(stored);
            _paged = End;
        }
        else if (End > 0)
        {
            BeginAppending();
        }
    }

    public int Count => End - First;

    /// <summary>The index of the first item: those before it have expired.</summary>
    public int First { get; private set; }

    /// <summary>The index behind the last item.</summary>
    public int End { get; private set; }

    /// <summary>Whether rows that had expired are missing between others, so that items are not where their rows say.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>The items, and room for more. Those that are there stay as they are in an array that has become too short.</summary>
    public T[] Items => _items;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(T item)
    {
        if (_appendsAt != Owner.Epoch)
            BeginAppend();
        Put(item);
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
        long first = BinaryPrimitives.ReadUInt32BigEndian(subKey);
        var reader = new MessagePackReader(value);
        long[]? times = _times is null ? null : TimedParts.Read(ref reader);
        int count = reader.ReadArrayHeader();
        bool isMissing = times is null ? first != _loaded : first < _loaded || first > int.MaxValue;
        if (isMissing || count > PageSize - (first % PageSize))
            throw new StreamKitException($"A list of {_loaded} items goes on with a row of {count} items from place {first} on, which does not fit: the checkpoint is damaged.");
        BeginAppending();
        Skip((int)first);
        Divide();
        if (!IsTorn)
            PageAt(End).BeginRow();
        for (int i = 0; i < count; i++)
        {
            _times?.Add(End, times![i]); // both are there or not
            Put(_serializer.Read(ref reader));
        }

        Divide();
        _loaded = (int)first + count;
    }

    /// <summary>Lets go of items that have expired. Nothing is to be written for that: rows say when they are dead.</summary>
    /// <returns>Whether what is left is to be put together anew, by <see cref="Rest"/>, or nothing is left.</returns>
    public bool Expire(long now)
    {
        First = _times!.Expire(First, End, now, out bool hasGaps); // asked for where items expire
        return hasGaps || IsTorn || Count == 0 || First > Math.Max(PageSize, Count);
    }

    /// <summary>A list of the items that have not expired.</summary>
    public LargeList<T> Rest(long now, ListTimes times)
    {
        // Objects are soon handed out by the new list, and an open cut wants them as they are.
        while (!ValueKinds.Of<T>.AreImmutable && TakeNext())
        {
        }

        var rest = new LargeList<T>(Owner, Slot, _serializer, [], stored: null, times);
        rest.BeginAppending();
        for (int i = First; i < End; i++)
        {
            if (_times![i] <= now)
                continue;
            times.Add(rest.End, _times[i]);
            rest.Put(_items[i]);
        }

        return rest;
    }

    public override void WriteAll(RowSink sink)
    {
        Divide();
        foreach (ListPage page in _pages)
            page.Write<T>(ItemsOf(page), TimesOf(page), _serializer, sink, changedOnly: false);
    }

    public override void WriteChanged(OrderedRowSink sink)
    {
        if (Replaces)
            sink.AddTombstone();
        Divide();
        foreach (ListPage page in _pages)
            page.Write<T>(ItemsOf(page), TimesOf(page), _serializer, sink, changedOnly: true);
    }

    public override void MarkStored()
    {
        Divide();
        base.MarkStored();
        _appendsAt = 0;
    }

    protected override void TakeRows(ListPage part, RowSink sink)
    {
        part.Take<T>(ItemsOf(part), TimesOf(part), _serializer, sink);
        MarkTaken(part);
    }

    protected override void TakeBack(ListPage part) => part.TakeBack();

    protected override void MarkStored(ListPage part) => part.MarkStored();

    protected override void EndEpoch() => Divide();

    /// <summary>Called before an item is replaced, or handed out to somebody who may change it.</summary>
    private void Touch(int index)
    {
        Follow();
        if (index < _paged) // else it is new
        {
            ListPage page = _pages[index / PageSize];
            Prepare(page);
            page.Change(index % PageSize);
        }

        _times?.Renew(index, End);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put(T item)
    {
        if (End == _items.Length)
            Array.Resize(ref _items, End * 2);
        _items[End++] = item;
    }

    /// <summary>Rows up to a place are missing: all in them has expired. In front of all others nothing stands for them; between others nothing can.</summary>
    private void Skip(int place)
    {
        if (place > _loaded && Count > 0)
            IsTorn = true;
        if (IsTorn)
            return;
        for (; End < place; First++)
        {
            _times!.Add(End, long.MinValue); // where items do not expire no row is missing
            Put(default!); // nobody reads it
        }
    }

    private void BeginAppend()
    {
        BeginAppending();
        if (_times is null)
            _appendsAt = Owner.Epoch;
        else
            _times.Add(End, _times.Next);
    }

    private void BeginAppending()
    {
        Follow();
        AddToChanged();
    }

    /// <summary>Gives items that were appended to pages. A page that an open cut wants is given to it first, as it was.</summary>
    private void Divide()
    {
        while (_paged < End)
        {
            ListPage page = PageAt(_paged);
            BeginChange(page);
            int end = Math.Min(End, page.First + PageSize);
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

    private ReadOnlySpan<long> TimesOf(ListPage page) => _times is null ? [] : _times.Of(page.First, page.Count);
}
