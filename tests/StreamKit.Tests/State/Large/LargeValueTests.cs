using StreamKit.State;

namespace StreamKit.Tests.State.Large;

public class LargeValueTests
{
    private const int Million = 1_000_000;

    private readonly LargeFixture _state = new();

    [Fact]
    public void List_OfAMillionItems_AppendAndReplacementWriteARowEach()
    {
        _state.List.AddRange(Enumerable.Range(0, Million).Select(static i => (long)i));
        Assert.InRange(_state.Cut().Count, 1_000, 8_000);
        Assert.Empty(_state.Cut());

        _state.List.Add(Million);
        List<RecordedRow> appended = _state.Cut();
        _state.List[Million / 2] = -1;
        List<RecordedRow> replaced = _state.Cut();

        Assert.Single(appended);
        Assert.InRange(LargeFixture.BytesOf(appended), 1, 4_200);
        Assert.Single(replaced);
        Assert.InRange(LargeFixture.BytesOf(replaced), 1, 4_200);
    }

    [Fact]
    public void Map_OfAMillionEntries_EachChangeWritesARow()
    {
        for (int i = 0; i < Million; i++)
            _state.Map[i] = i;
        Assert.InRange(_state.Cut().Count, 10_000, 40_000);
        Assert.Empty(_state.Cut());

        _state.Map[5] = -5;
        List<RecordedRow> set = _state.Cut();
        _state.Map.Remove(6);
        List<RecordedRow> removed = _state.Cut();

        Assert.Single(set);
        Assert.InRange(LargeFixture.BytesOf(set), 1, 4_200);
        Assert.Single(removed);
        Assert.InRange(LargeFixture.BytesOf(removed), 1, 4_200);
    }

    [Fact]
    public void Map_Growing_RewritesWhatItDividesOnly()
    {
        for (int i = 0; i < 10_000; i++)
            _state.Map[i] = i;
        int rows = _state.Cut().Count;

        int rewritten = 0;
        for (int i = 10_000; i < 10_400; i++)
        {
            _state.Map[i] = i;
            rewritten += _state.Cut().Count;
        }

        // Ten of 200 buckets are divided meanwhile, roughly: each time two rows instead of one.
        Assert.InRange(rows, 112, 300);
        Assert.InRange(rewritten, 400, 450);
    }

    [Fact]
    public void Cut_OfLargeValues_SerializesBeforeAChangeOnlyThePartThatChanges()
    {
        _state.List.AddRange(Enumerable.Range(0, 100_000).Select(static i => (long)i));
        for (int i = 0; i < 100_000; i++)
            _state.Map[i] = i;

        using KeyedStateCut cut = _state.State.Cut();
        Assert.Equal(0, _state.Serialized);
        _state.Enter();
        _state.List[70_000] = -1;
        Assert.InRange(_state.Serialized, 1, 256);
        _state.Map[70_000] = -1;
        Assert.InRange(_state.Serialized, 2, 256 + 96);
        _state.List.Clear();
        _state.Map.Clear();
        Assert.InRange(_state.Serialized, 2, 256 + 96);
        while (!cut.Advance(512))
        {
        }

        Assert.Equal(200_000, _state.Serialized);
    }

    [Fact]
    public void Cut_OfALargeValue_AdvancesInSlices()
    {
        _state.List.AddRange(Enumerable.Range(0, 100_000).Select(static i => (long)i));
        using KeyedStateCut cut = _state.State.Cut();

        int slices = 1;
        for (int before = 0; !cut.Advance(512); slices++)
        {
            Assert.InRange(_state.Serialized - before, 1, 512 / 16 * 256);
            before = _state.Serialized;
        }

        Assert.True(slices > 10, $"{slices} slices");
    }

    [Fact]
    public void List_EnumeratedWhileAppended_SeesTheItemsThereWere()
    {
        foreach (int count in (int[])[10, 64, 1_000])
        {
            _state.List.Update(Enumerable.Range(0, count).Select(static i => (long)i));
            var seen = new List<long>();
            foreach (long item in _state.List)
            {
                seen.Add(item);
                _state.List.Add(-item);
            }

            Assert.Equal(Enumerable.Range(0, count).Select(static i => (long)i), seen);
            Assert.Equal(2 * count, _state.List.Count);
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(89)] // becomes large
    [InlineData(1_000)]
    public void Map_EntryAddedWhileEnumerated_Throws(int count)
    {
        for (int i = 0; i < count; i++)
            _state.Map[i] = i;
        using MapState<long, long>.Enumerator entries = _state.Map.GetEnumerator();
        Assert.True(entries.MoveNext());
        _state.Map[entries.Current.Key] = 5;
        Assert.True(entries.MoveNext());
        _state.Map.Remove(entries.Current.Key);
        Assert.True(entries.MoveNext());

        _state.Map[count] = 1;

        var error = Assert.Throws<StreamKitException>(() =>
        {
            MapState<long, long>.Enumerator copy = entries;
            copy.MoveNext();
        });
        Assert.Contains("An entry was added to map state 'map' while it was enumerated", error.Message);
    }

    [Fact]
    public void List_SetToNothing_IsRefused()
    {
        var error = Assert.Throws<StreamKitException>(() => _state.List[0] = 1);

        Assert.Contains("List state 'list' has 0 items for this key: there is no item 0", error.Message);
    }

    [Fact]
    public void Cut_OfALargeListWithAnItemThatCannotBeWritten_FailsAndNamesTheState()
    {
        var registry = new SerializerRegistry();
        var table = new ListTable<Box>(StateSignature.OfList<Box>("boxes", registry), new BoxSerializer());
        var state = new KeyedState<long>(new KeyGroupRange(0, 127), 128, registry.GetKey<long>());
        state.AddTable(table);
        var boxes = new ListState<Box>(table);
        int[] slots = new int[1];
        state.Resolve([1], slots);
        state.CurrentSlot = slots[0];
        boxes.AddRange(Enumerable.Range(0, 1_000).Select(static i => new Box { Content = i == 700 ? BoxSerializer.Broken : i }));

        KeyedStateCut cut = state.Cut();
        state.CurrentSlot = slots[0];
        boxes[701].Content = 1; // the call that touches it goes on
        var error = Assert.Throws<StreamKitException>(() => cut.Advance(int.MaxValue));
        cut.Dispose();
        state.EndBatch();
        state.CurrentSlot = slots[0];
        boxes[700].Content = 0;
        using KeyedStateCut next = state.Cut();

        Assert.Contains("State 'boxes' holds a value that cannot be written to a checkpoint: broken box", error.Message);
        Assert.True(next.Advance(int.MaxValue));
    }

    [Fact]
    public void Load_OfAListWithAMissingRow_IsRefused()
    {
        _state.List.AddRange(Enumerable.Range(0, 1_000).Select(static i => (long)i));
        List<RecordedRow> rows = _state.Cut();
        rows.RemoveAt(2);

        var error = Assert.Throws<StreamKitException>(() => Load(rows));

        Assert.Contains("the checkpoint is damaged", error.Message);
    }

    [Fact]
    public void Load_OfAMapWithABucketWithinAnother_IsRefused()
    {
        for (int i = 0; i < 1_000; i++)
            _state.Map[i] = i;
        List<RecordedRow> rows = _state.Cut();
        RecordedRow first = rows.First(static row => row.Value is not null);
        rows.Insert(rows.IndexOf(first) + 1, first with { SubKey = [0, 0, 1, 0] });

        var error = Assert.Throws<StreamKitException>(() => Load(rows));

        Assert.Contains("does not fit among the others: the checkpoint is damaged", error.Message);
    }

    private static void Load(List<RecordedRow> rows)
    {
        var restored = new LargeFixture();
        foreach (RecordedRow row in rows.Where(static row => row.Value is not null))
            restored.State.Load(row.KeyGroup, row.StateId, row.Key, row.SubKey, row.Value);
    }
}
