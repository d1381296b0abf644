using StreamKit.State;

namespace StreamKit.Tests.State;

public class ColumnTests
{
    private static Column<long> Longs() => new(owner: null, immutable: true, new ValueCodec<long>(new LongSerializer()));

    private static Column<Box> Boxes() => new(owner: null, immutable: false, new ValueCodec<Box>(new BoxSerializer()));

    [Fact]
    public void Column_Empty_HasNothingAnywhere()
    {
        Column<long> column = Longs();

        Assert.False(column.Has(0));
        Assert.False(column.Has(-1));
        Assert.False(column.TryGet(123_456, out _));
        Assert.False(column.Clear(5));
        Assert.Equal([], SlotsOf(column));
    }

    [Fact]
    public void Column_DefaultStored_IsPresent()
    {
        Column<long> column = Longs();

        column.Set(70, 0);

        Assert.True(column.TryGet(70, out long value));
        Assert.Equal(0, value);
        Assert.False(column.Has(71));
        Assert.False(column.Has(70 + Column<long>.PageSize));
    }

    [Fact]
    public void Column_Slots_ComeInOrderAcrossPages()
    {
        Column<long> column = Longs();
        int[] slots = [5_000, 0, 63, 64, 1_023, 1_024, 4_097];

        foreach (int slot in slots)
            column.Set(slot, slot);
        column.Clear(64);

        Assert.Equal([0, 63, 1_023, 1_024, 4_097, 5_000], SlotsOf(column));
        Assert.Equal(6, column.Count);
    }

    [Fact]
    public void Column_ClearAll_LeavesNothing()
    {
        Column<long> column = Longs();
        for (int slot = 0; slot < 3_000; slot += 7)
            column.Set(slot, slot);

        column.ClearAll();

        Assert.Equal(0, column.Count);
        Assert.Equal([], SlotsOf(column));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Column<long>.PageSize)]
    public void Cut_OfImmutableValues_WritesAfterwardsAreNotInIt(int slots)
    {
        Column<long> column = Longs();
        for (int slot = 0; slot < slots; slot++)
            column.Set(slot, slot);
        column.Set(2_000, 30);
        column.Set(2_001, 31);

        ColumnCut<long> cut = column.BeginCut();
        for (int slot = 0; slot < slots; slot++)
            column.Set(slot, -1);
        column.Ref(2_000, out _)++;
        column.Clear(2_001);
        column.Set(3_000, 40);
        Finish(cut);

        Assert.Equal([.. Enumerable.Range(0, slots).Select(slot => (slot, (long?)slot)), (2_000, 30L), (2_001, 31L)], RowsOf(cut, 4_000));
        Assert.Equal(31, column.Known(2_000));
        Assert.False(column.Has(2_001));
    }

    [Fact]
    public void Cut_AfterAnother_HoldsWhatHasChangedInBetween()
    {
        Column<long> column = Longs();
        for (int slot = 0; slot < 10; slot++)
            column.Set(slot, slot);
        Store(column);

        column.Set(3, 33);
        column.Ref(4, out _) += 40;
        column.Clear(5);
        column.Set(20, 20);
        column.Set(21, 21);
        column.Clear(21); // no segment knows of it
        ColumnCut<long> cut = column.BeginCut();
        Finish(cut);

        Assert.Equal([(3, 33L), (4, 44L), (5, null), (20, 20L)], RowsOf(cut, 100));
    }

    [Fact]
    public void Cut_NotStored_IsPartOfTheNext()
    {
        Column<long> column = Longs();
        column.Set(1, 10);
        column.Set(2, 20);
        Store(column);
        column.Set(1, 11);
        column.Clear(2);

        ColumnCut<long> lost = column.BeginCut();
        column.Set(3, 30);
        Finish(lost);
        lost.Release();
        Settle(lost, stored: false);
        ColumnCut<long> next = column.BeginCut();
        Finish(next);

        Assert.Equal([(1, 11L), (2, null), (3, 30L)], RowsOf(next, 10));
    }

    [Fact]
    public void Cut_GivenUpBeforeAllPagesWereTaken_IsPartOfTheNext()
    {
        Column<long> column = Longs();
        for (int slot = 0; slot < 3; slot++)
            column.Set(slot * Column<long>.PageSize, slot);

        ColumnCut<long> lost = column.BeginCut();
        column.Set(0, 100);
        lost.Release();
        column.Set(2 * Column<long>.PageSize, 102);
        Settle(lost, stored: false);
        ColumnCut<long> next = column.BeginCut();
        Finish(next);

        Assert.Equal([(0, 100L), (Column<long>.PageSize, 1L), (2 * Column<long>.PageSize, 102L)], RowsOf(next, 3 * Column<long>.PageSize));
    }

    [Fact]
    public void Slot_ClearedAfterItWasStored_IsKnownToTheSegmentsUntilTheyAreTold()
    {
        Column<long> column = Longs();
        column.Set(1, 10);
        Assert.False(column.IsStored(1));

        Store(column);
        column.Clear(1);
        Assert.True(column.IsStored(1));
        Store(column);

        Assert.False(column.IsStored(1));
    }

    [Fact]
    public void Slot_WrittenAgainWhileItsDeletionIsBeingStored_IsStillKnown()
    {
        Column<long> column = Longs();
        column.Set(1, 10);
        Store(column);
        column.Clear(1);

        ColumnCut<long> cut = column.BeginCut();
        column.Set(1, 11);
        Finish(cut);
        cut.Release();
        Settle(cut, stored: true);
        column.Clear(1);
        ColumnCut<long> next = column.BeginCut();
        Finish(next);

        Assert.Equal([(1, null)], RowsOf(next, 10));
    }

    [Fact]
    public void Cut_Released_PagesAreWrittenInPlaceAgain()
    {
        Column<long> column = Longs();
        for (int slot = 0; slot < Column<long>.PageSize; slot++)
            column.Set(slot, slot);

        ref long place = ref column.Ref(1, out _);
        ColumnCut<long> cut = column.BeginCut();
        Finish(cut);
        cut.Release();
        column.Set(1, 11);

        Assert.Equal(11, place);
    }

    [Fact]
    public void Peek_OfAValueThatCanChange_IsNoChange()
    {
        Column<Box> column = Boxes();
        column.Set(1, new Box { Content = 1 });
        column.Set(2, new Box { Content = 2 });
        Store(column);

        Assert.True(column.TryPeek(1, out _));
        Assert.True(column.TryGet(2, out _));
        ColumnCut<Box> cut = column.BeginCut();
        Finish(cut);

        Assert.Equal([(2, 2L)], RowsOf(cut, 10));
    }

    [Fact]
    public void Column_CutWhileAnotherIsOpen_Throws()
    {
        Column<long> column = Longs();
        column.BeginCut();

        var error = Assert.Throws<StreamKitException>(() => column.BeginCut());

        Assert.Contains("still being written", error.Message);
    }

    [Fact]
    public void PendingCut_TouchedBeforeAdvance_KeepsTheOldValue()
    {
        Column<Box> column = Boxes();
        for (int slot = 0; slot < 5; slot++)
            column.Set(slot, new Box { Content = slot });

        ColumnCut<Box> cut = column.BeginCut();
        Assert.True(column.TryGet(0, out Box? read));
        read.Content = 100;
        column.Set(1, new Box { Content = 101 });
        column.Clear(2);
        column.Ref(3, out _).Content = 103;
        column.Set(7, new Box { Content = 107 });
        Finish(cut);
        column.TryGet(4, out read);
        read!.Content = 104;

        Assert.Equal([(0, 0L), (1, 1L), (2, 2L), (3, 3L), (4, 4L)], RowsOf(cut, 10));
    }

    [Fact]
    public void PendingCut_OfAnEmptyColumn_HoldsNothingStoredAfterwards()
    {
        Column<Box> column = Boxes();
        column.Set(0, new Box());
        column.Clear(0);

        ColumnCut<Box> cut = column.BeginCut();
        column.Set(0, new Box { Content = 1 });
        Finish(cut);

        Assert.Equal([], RowsOf(cut, 10));
    }

    [Fact]
    public void PendingCut_Advance_SerializesNoMoreThanAllowed()
    {
        Column<Box> column = Boxes();
        for (int slot = 0; slot < 3_000; slot += 3)
            column.Set(slot, new Box { Content = slot });
        ColumnCut<Box> cut = column.BeginCut();

        int calls = 0;
        int slots;
        do
        {
            slots = 64;
            calls++;
        }
        while (!cut.Advance(ref slots));

        Assert.InRange(calls, 1_000 / 64, (1_000 / 64) + 1 + (3_000 / Column<Box>.PageSize) + 64); // taking pages counts a little, too
        Assert.Equal(1_000, RowsOf(cut, 4_000).Count);
    }

    [Fact]
    public void PendingCut_ValueThatCannotBeWritten_FailsTheCutAndNotTheTouch()
    {
        Column<Box> column = Boxes();
        column.Set(0, new Box { Content = BoxSerializer.Broken });

        ColumnCut<Box> cut = column.BeginCut();
        Assert.True(column.TryGet(0, out Box? box));

        Assert.Equal(BoxSerializer.Broken, box.Content);
        Assert.Equal("broken box", cut.Failure?.Message);
    }

    [Fact]
    public void PendingCut_Abandoned_NothingMoreIsSerialized()
    {
        Column<Box> column = Boxes();
        column.Set(0, new Box { Content = BoxSerializer.Broken });

        ColumnCut<Box> cut = column.BeginCut();
        cut.Release();
        column.TryGet(0, out _);
        Settle(cut, stored: false);

        Assert.Null(cut.Failure);
        Assert.NotNull(column.BeginCut());
    }

    private static List<int> SlotsOf<T>(Column<T> column)
    {
        var slots = new List<int>();
        foreach (int slot in column.Slots)
            slots.Add(slot);
        return slots;
    }

    private static void Finish<T>(ColumnCut<T> cut)
    {
        int slots = int.MaxValue;
        Assert.True(cut.Advance(ref slots));
    }

    private static void Settle(CutTable cut, bool stored)
    {
        int pages = int.MaxValue;
        Assert.True(cut.Settle(stored, ref pages));
    }

    private static void Store<T>(Column<T> column)
    {
        ColumnCut<T> cut = column.BeginCut();
        Finish(cut);
        cut.Release();
        Settle(cut, stored: true);
    }

    /// <summary>What the cut says of slots: their values, or null for a tombstone.</summary>
    private static List<(int Slot, long? Value)> RowsOf<T>(ColumnCut<T> cut, int slots)
    {
        using var sink = new RecordedRows();
        var rows = new List<(int, long?)>();
        for (int slot = 0; slot < slots; slot++)
        {
            cut.WriteSlot(slot, sink);
            foreach (RecordedRow row in sink.Rows)
                rows.Add((slot, row.Value is { } value ? ReadNumber(value) : null));
            sink.Rows.Clear();
        }

        return rows;
    }

    private static long ReadNumber(byte[] value)
    {
        var reader = new MessagePackReader(value);
        return reader.ReadInt64();
    }
}
