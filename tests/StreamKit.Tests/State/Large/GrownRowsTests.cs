using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Tests.State.Large;

/// <summary>Rows that grow when their items are converted are too long when they come back, and divided when something in them changes.</summary>
public class GrownRowsTests
{
    private const int Count = 240;
    private const int Changed = Count - 10;

    private readonly SerializerRegistry _serializers = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void List_WithALaterItemSet_LeavesMemoryWithAllRowsThatItDivides(bool keepsAll) => CheckList(owner => Leave(owner, keepsAll));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void List_WithALaterItemSet_IsCutWithAllRowsThatItDivides(bool failsFirst) => CheckList(owner => Cut(owner, failsFirst));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Map_WithAnEntrySet_IsCutWithAllRowsThatItDivides(bool failsFirst) => CheckMap(owner => Cut(owner, failsFirst));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Map_WithAnEntrySet_LeavesMemoryWithAllRowsThatItDivides(bool keepsAll) => CheckMap(owner => Leave(owner, keepsAll));

    [Fact]
    public void SmallValues_ThatLeaveMemoryUnchanged_KeepTheRowThatSegmentsHave()
    {
        var older = new Owner(_serializers, null);
        ListState<Narrow[]> narrow = new KeyedStateContext(older.State, _serializers).List<Narrow[]>("list");
        older.Enter();
        narrow.AddRange(Enumerable.Range(0, 60).Select(static i => Enumerable.Repeat(new Narrow(i), 8).ToArray()));
        using RecordedRows stored = Cut(older, failsFirst: false);
        var owner = new Owner(_serializers, older.State);
        _ = new KeyedStateContext(owner.State, _serializers).List<Wide[]>("list");
        owner.Load(stored.Rows);
        owner.Enter();

        using RecordedRows left = Leave(owner, keepsAll: true);
        var back = new Owner(_serializers, older.State);
        ListState<Wide[]> list = new KeyedStateContext(back.State, _serializers).List<Wide[]>("list");
        back.Load(left.Rows, converts: false);
        back.Enter();
        list[50] = [new Wide { A = -1 }];
        using RecordedRows changed = Cut(back, failsFirst: false);
        var union = new RowUnion();
        union.Apply(owner.Convert(stored.Rows));
        union.Apply(changed.Rows);
        var restored = new Owner(_serializers, null);
        ListState<Wide[]> found = new KeyedStateContext(restored.State, _serializers).List<Wide[]>("list");
        restored.Load([.. union.Rows]);
        restored.Enter();

        Assert.Equal(Enumerable.Range(0, 60).Select(static i => i == 50 ? -1 : i), found.Select(static item => item[0].A));
    }

    private void CheckList(Func<Owner, RecordedRows> write)
    {
        var older = new Owner(_serializers, null);
        ListState<Narrow> narrow = new KeyedStateContext(older.State, _serializers).List<Narrow>("list");
        older.Enter();
        narrow.AddRange(Enumerable.Range(0, Count).Select(static i => new Narrow(i % 100)));
        using RecordedRows stored = Cut(older, failsFirst: false);

        var owner = new Owner(_serializers, older.State);
        ListState<Wide> list = new KeyedStateContext(owner.State, _serializers).List<Wide>("list");
        owner.Load(stored.Rows);
        owner.Enter();
        list[Changed] = new Wide { A = -1 };
        using RecordedRows changed = write(owner);
        var union = new RowUnion();
        union.Apply(owner.Convert(stored.Rows));
        union.Apply(changed.Rows);
        var restored = new Owner(_serializers, null);
        ListState<Wide> found = new KeyedStateContext(restored.State, _serializers).List<Wide>("list");
        restored.Load([.. union.Rows]);
        restored.Enter();

        Assert.True(changed.Rows.Count > 1, "nothing was divided");
        Assert.Equal(Enumerable.Range(0, Count).Select(static i => i == Changed ? -1 : i % 100), found.Select(static item => item.A));
    }

    private void CheckMap(Func<Owner, RecordedRows> write)
    {
        var older = new Owner(_serializers, null);
        MapState<int, Narrow> narrow = new KeyedStateContext(older.State, _serializers).Map<int, Narrow>("map");
        older.Enter();
        for (int i = 0; i < Count; i++)
            narrow[i] = new Narrow(i % 100);
        using RecordedRows stored = Cut(older, failsFirst: false);

        var owner = new Owner(_serializers, older.State);
        MapState<int, Wide> map = new KeyedStateContext(owner.State, _serializers).Map<int, Wide>("map");
        owner.Load(stored.Rows);
        owner.Enter();
        map[Changed] = new Wide { A = -1 };
        using RecordedRows changed = write(owner);
        var union = new RowUnion();
        union.Apply(owner.Convert(stored.Rows));
        union.Apply(changed.Rows);
        var restored = new Owner(_serializers, null);
        MapState<int, Wide> found = new KeyedStateContext(restored.State, _serializers).Map<int, Wide>("map");
        restored.Load([.. union.Rows]);
        restored.Enter();

        Assert.Equal(Enumerable.Range(0, Count).Select(static i => KeyValuePair.Create(i, i == Changed ? -1 : i % 100)), found.Select(static entry => KeyValuePair.Create(entry.Key, entry.Value.A)).OrderBy(static entry => entry.Key));
    }

    private static RecordedRows Cut(Owner owner, bool failsFirst)
    {
        if (failsFirst)
        {
            KeyedStateCut failed = owner.State.Cut();
            Assert.True(failed.Advance(int.MaxValue));
            failed.Dispose();
            owner.State.EndBatch();
        }

        using KeyedStateCut cut = owner.State.Cut();
        Assert.True(cut.Advance(int.MaxValue));
        var rows = new RecordedRows();
        ValueTask written = cut.WriteAsync(rows, CancellationToken.None);
        Assert.True(written.IsCompletedSuccessfully);
        cut.Complete();
        return rows;
    }

    /// <summary>All rows, which are read when the key comes back, or those that go into the next cut.</summary>
    private static RecordedRows Leave(Owner owner, bool keepsAll)
    {
        RecordedRows all = owner.NewRows();
        RecordedRows changed = owner.NewRows();
        ISlotCells cells = owner.State.Tables[0].Cells!; // lists and maps can leave memory
        cells.WriteAll(owner.Slot, all);
        cells.WriteChanged(owner.Slot, changed);
        return keepsAll ? all : changed;
    }

    /// <summary>The state of one key.</summary>
    private sealed class Owner
    {
        private readonly bool _converts;

        public Owner(SerializerRegistry serializers, KeyedState<long>? older)
        {
            State = new KeyedState<long>(new KeyGroupRange(0, 127), 128, serializers.GetKey<long>());
            _converts = older is not null;
            if (older is not null)
                State.Restore([.. older.Tables.Select(static table => table.Describe())], older.NextStateId);
        }

        public KeyedState<long> State { get; }

        public int Slot { get; private set; }

        public void Enter()
        {
            int[] slots = new int[1];
            State.Resolve([1], slots);
            Slot = State.CurrentSlot = slots[0];
        }

        /// <summary>For rows of the key.</summary>
        public RecordedRows NewRows()
        {
            using var key = new PooledBufferWriter();
            State.WriteKey(Slot, key);
            return new RecordedRows { KeyGroup = State.KeyGroupAt(Slot), StateId = State.Tables[0].Id, Key = key.WrittenMemory.ToArray() };
        }

        public void Load(List<RecordedRow> rows, bool converts = true)
        {
            foreach (RecordedRow row in (converts ? Convert(rows) : rows).Where(static row => row.Value is not null))
                State.Load(row.KeyGroup, row.StateId, row.Key, row.SubKey, row.Value);
            State.MarkStored();
        }

        public List<RecordedRow> Convert(List<RecordedRow> rows)
        {
            using var scratch = new PooledBufferWriter();
            return _converts ? [.. rows.Select(row => row.Value is null ? row : row with { Value = State.Schemas.Of(0)!.Convert(row.StateId, row.SubKey, row.Value, scratch).ToArray() })] : rows;
        }
    }

    private sealed record Narrow(int A);

    /// <summary>Some ten times as long in rows.</summary>
    private sealed record Wide
    {
        public int A { get; init; }

        public int? B1 { get; init; }

        public int? B2 { get; init; }

        public int? B3 { get; init; }

        public int? B4 { get; init; }

        public int? B5 { get; init; }

        public int? B6 { get; init; }

        public int? B7 { get; init; }

        public int? B8 { get; init; }

        public int? B9 { get; init; }

        public int? B10 { get; init; }

        public int? B11 { get; init; }

        public int? B12 { get; init; }

        public int? B13 { get; init; }

        public int? B14 { get; init; }

        public int? B15 { get; init; }

        public int? B16 { get; init; }

        public int? B17 { get; init; }

        public int? B18 { get; init; }

        public int? B19 { get; init; }

        public int? B20 { get; init; }

        public int? B21 { get; init; }

        public int? B22 { get; init; }

        public int? B23 { get; init; }

        public int? B24 { get; init; }
    }
}
