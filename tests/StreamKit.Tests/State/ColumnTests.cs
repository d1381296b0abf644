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

    [Fact]
    public void FrozenCut_WritesAfterwards_AreNotInIt()
    {
        Column<long> column = Longs();
        column.Set(1, 10);
        column.Set(2, 20);
        column.Set(2_000, 30);

        ColumnCut<long> cut = column.BeginCut();
        column.Set(1, 11);
        column.Ref(2_000, out _)++;
        column.Clear(2);
        column.Set(3, 40);

        Assert.Equal([(1, 10L), (2, 20L), (2_000, 30L)], ValuesOf(cut, 4_000));
        Assert.Equal([1, 3, 2_000], SlotsOf(column));
        Assert.Equal(31, column.Known(2_000));
    }

    [Fact]
    public void FrozenCut_Released_PagesAreWrittenInPlaceAgain()
    {
        Column<long> column = Longs();
        column.Set(1, 10);

        ref long place = ref column.Ref(1, out _);
        ColumnCut<long> cut = column.BeginCut();
        cut.Release();
        column.Set(1, 11);

        Assert.Equal(11, place);
        Assert.False(cut.TryGet(1, out _));
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
        int slots = int.MaxValue;
        Assert.True(cut.Advance(ref slots));
        column.TryGet(4, out read);
        read!.Content = 104;

        Assert.Equal([(0, 0), (1, 1), (2, 2), (3, 3), (4, 4)], RowsOf(cut, 10));
    }

    [Fact]
    public void PendingCut_OfAnEmptyColumn_HoldsNothingStoredAfterwards()
    {
        Column<Box> column = Boxes();
        column.Set(0, new Box());
        column.Clear(0);

        ColumnCut<Box> cut = column.BeginCut();
        column.Set(0, new Box { Content = 1 });
        int slots = 10;
        Assert.True(cut.Advance(ref slots));

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

        Assert.Equal(1_000 / 64 + 1, calls);
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

    private static List<(int, long)> ValuesOf(ColumnCut<long> cut, int slots)
    {
        var values = new List<(int, long)>();
        for (int slot = 0; slot < slots; slot++)
        {
            if (cut.TryGet(slot, out long value))
                values.Add((slot, value));
        }

        return values;
    }

    private static List<(int Slot, int Value)> RowsOf(ColumnCut<Box> cut, int slots)
    {
        var rows = new RecordingSink();
        for (int slot = 0; slot < slots; slot++)
        {
            rows.Slot = slot;
            cut.WriteSlot(slot, rows);
        }

        return rows.Values;
    }

    private sealed class RecordingSink : RowSink
    {
        public int Slot { get; set; }

        public List<(int Slot, int Value)> Values { get; } = [];

        public override void Add(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
        {
            var reader = new MessagePackReader(value);
            Values.Add((Slot, reader.ReadInt32()));
        }
    }
}
