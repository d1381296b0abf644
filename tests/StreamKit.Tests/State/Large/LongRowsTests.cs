using StreamKit.State;

namespace StreamKit.Tests.State.Large;

/// <summary>Lists and maps of few, but long items are stored in parts as those of many items are.</summary>
public class LongRowsTests
{
    private const int Count = 16;
    private const int Length = 100_000;

    private readonly Owner _owner = new();

    [Fact]
    public void List_OfLongItems_EachChangeWritesOneItem()
    {
        _owner.Texts.AddRange(Enumerable.Range(0, Count).Select(Text));
        Assert.Equal(Count, _owner.Cut().Count(static row => row.Value is not null));
        Assert.Empty(_owner.Cut());

        _owner.Texts[5] = "other" + Text(5);
        List<RecordedRow> replaced = _owner.Cut();
        _owner.Texts.Add(Text(Count));
        List<RecordedRow> appended = _owner.Cut();

        Assert.InRange(LargeFixture.BytesOf(replaced), Length, Length + 100);
        Assert.InRange(LargeFixture.BytesOf(appended), Length, Length + 100);
        Assert.Equal([.. Enumerable.Range(0, Count + 1).Select(static i => (i == 5 ? "other" : "") + Text(i))], _owner.Restored().Texts);
    }

    [Fact]
    public void Map_OfLongValues_EachChangeWritesOneEntry()
    {
        for (int i = 0; i < Count; i++)
            _owner.TextsById[i] = Text(i);
        Assert.Equal(Count, _owner.Cut().Count(static row => row.Value is not null));
        Assert.Empty(_owner.Cut());

        _owner.TextsById[5] = "other";
        List<RecordedRow> set = _owner.Cut();
        _owner.TextsById.Remove(6);
        List<RecordedRow> removed = _owner.Cut();
        _owner.TextsById[6] = Text(6);
        List<RecordedRow> added = _owner.Cut();

        Assert.InRange(LargeFixture.BytesOf(set), 1, 100);
        Assert.InRange(LargeFixture.BytesOf(removed), 1, 100);
        Assert.InRange(LargeFixture.BytesOf(added), Length, Length + 100);
        Assert.Equal(Enumerable.Range(0, Count).Select(static i => KeyValuePair.Create(i, i == 5 ? "other" : Text(i))), _owner.Restored().TextsById.OrderBy(static entry => entry.Key));
    }

    [Fact]
    public void Values_OfLongObjects_AreWrittenOneByOneWhenTheyAreHandedOut()
    {
        for (int i = 0; i < Count; i++)
        {
            _owner.Notes.Add(new Note { Text = Text(i) });
            _owner.NotesById[$"{i}"] = new Note { Text = Text(i) };
        }

        _owner.Cut();
        _owner.Notes[3].Text = "changed";
        _owner.NotesById["4"].Text = "changed";
        List<RecordedRow> changed = _owner.Cut();

        Assert.Equal(2, changed.Count);
        Assert.InRange(LargeFixture.BytesOf(changed), 1, 100);
        Owner restored = _owner.Restored();
        Assert.Equal("changed", restored.Notes[3].Text);
        Assert.Equal("changed", restored.NotesById["4"].Text);
        Assert.Equal(Text(5), restored.NotesById["5"].Text);
    }

    [Fact]
    public void Values_ChangedBeforeTheirFirstCutIsStored_AreWrittenAsAWholeOnceMore()
    {
        _owner.Texts.AddRange(Enumerable.Range(0, Count).Select(Text));
        for (int i = 0; i < Count; i++)
            _owner.TextsById[i] = Text(i);

        _owner.Cut(between: Change);
        List<RecordedRow> again = _owner.Cut();
        _owner.Texts[1] = "b";
        _owner.TextsById[1] = "b";
        List<RecordedRow> changed = _owner.Cut();

        Assert.InRange(LargeFixture.BytesOf(again), 2 * (Count - 1) * Length, (2 * Count * Length) + 2_000);
        Assert.InRange(LargeFixture.BytesOf(changed), 1, 100);
        Owner restored = _owner.Restored();
        Assert.Equal(["a", "b", .. Enumerable.Range(2, Count - 2).Select(Text)], restored.Texts);
        Assert.Equal(["a", "b", .. Enumerable.Range(2, Count - 2).Select(Text)], restored.TextsById.OrderBy(static entry => entry.Key).Select(static entry => entry.Value));

        void Change()
        {
            _owner.Texts[0] = "a";
            _owner.TextsById[0] = "a";
        }
    }

    [Fact]
    public void Values_ThatBecomeLong_VoidTheRowTheyHad()
    {
        _owner.Texts.AddRange(["a", "b"]);
        _owner.TextsById[1] = "a";
        _owner.TextsById[2] = "b";
        Assert.Equal(2, _owner.Cut().Count);

        _owner.Texts[0] = Text(0);
        _owner.TextsById[1] = Text(1);
        _owner.Cut();

        Assert.Equal([Text(0), "b"], _owner.Restored().Texts);
        Assert.Equal([(1, Text(1)), (2, "b")], _owner.Restored().TextsById.Select(static entry => (entry.Key, entry.Value)).Order());
    }

    [Fact]
    public void Value_OfOneLongItem_IsOneRow()
    {
        _owner.Texts.Add(Text(1));
        _owner.TextsById[1] = Text(1);

        Assert.All(_owner.Cut(), static row => Assert.Empty(row.SubKey));
    }

    private static string Text(int i) => new((char)('a' + i), Length);

    /// <summary>The state of one key, and what its cuts come to.</summary>
    private sealed class Owner
    {
        private readonly SerializerRegistry _serializers = new();
        private readonly KeyedState<long> _state;
        private readonly RowUnion _stored = new();

        public Owner()
        {
            _state = new KeyedState<long>(new KeyGroupRange(0, 127), 128, _serializers.GetKey<long>());
            var context = new KeyedStateContext(_state, _serializers);
            Texts = context.List<string>("texts");
            TextsById = context.Map<int, string>("texts by id");
            Notes = context.List<Note>("notes");
            NotesById = context.Map<string, Note>("notes by id");
            Enter();
        }

        public ListState<string> Texts { get; }

        public MapState<int, string> TextsById { get; }

        public ListState<Note> Notes { get; }

        public MapState<string, Note> NotesById { get; }

        public List<RecordedRow> Cut(Action? between = null)
        {
            using KeyedStateCut cut = _state.Cut();
            Assert.True(cut.Advance(int.MaxValue));
            using var rows = new RecordedRows();
            ValueTask written = cut.WriteAsync(rows, CancellationToken.None);
            Assert.True(written.IsCompletedSuccessfully);
            Enter();
            between?.Invoke();
            cut.Complete();
            _state.EndBatch();
            Enter();
            _stored.Apply(rows.Rows);
            return rows.Rows;
        }

        public Owner Restored()
        {
            var restored = new Owner();
            foreach (RecordedRow row in _stored.Rows)
                restored._state.Load(row.KeyGroup, row.StateId, row.Key, row.SubKey, row.Value);
            restored._state.MarkStored();
            restored.Enter();
            return restored;
        }

        private void Enter()
        {
            int[] slots = new int[1];
            _state.Resolve([1], slots);
            _state.CurrentSlot = slots[0];
        }
    }

    private sealed class Note
    {
        public string Text { get; set; } = "";
    }
}
