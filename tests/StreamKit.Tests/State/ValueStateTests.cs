using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Tests.State;

public class ValueStateTests
{
    private readonly KeyedState<long> _state = TestKeys.NewState();

    private ValueState<T> Declare<T>(string name, Serializer<T> serializer)
    {
        var table = new ValueTable<T>(new StateSignature(name, StateKind.Value, TypeSchema.Custom(name)), serializer);
        _state.AddTable(table);
        return new ValueState<T>(table);
    }

    private void At(long key)
    {
        int[] slots = new int[1];
        _state.Resolve([key], slots);
        _state.CurrentSlot = slots[0];
    }

    [Fact]
    public void ValueState_NothingStored_IsAbsentAndReadsAsDefault()
    {
        ValueState<long> total = Declare("total", new LongSerializer());

        At(1);

        Assert.False(total.HasValue);
        Assert.False(total.TryGet(out _));
        Assert.Equal(0, total.Value);
        Assert.Equal(0, total.Peek);
    }

    [Fact]
    public void ValueState_DefaultStored_IsPresent()
    {
        ValueState<long> total = Declare("total", new LongSerializer());

        At(1);
        total.Value = 0;

        Assert.True(total.HasValue);
    }

    [Fact]
    public void ValueState_KeysAreKeptApart()
    {
        ValueState<long> total = Declare("total", new LongSerializer());

        foreach (long key in (long[])[1, 2, 1, 3, 1])
        {
            At(key);
            total.Value++;
        }

        At(1);
        Assert.Equal(3, total.Value);
        At(2);
        Assert.Equal(1, total.Value);
    }

    [Fact]
    public void ValueState_Ref_UpdatesInPlaceAndMakesTheValue()
    {
        ValueState<long> total = Declare("total", new LongSerializer());

        At(1);
        total.Ref += 5;
        total.Ref += 6;

        Assert.Equal(11, total.Value);
    }

    [Fact]
    public void ValueState_RefOfAClass_Throws()
    {
        ValueState<Box> box = Declare("box", new BoxSerializer());

        At(1);
        var error = Assert.Throws<StreamKitException>(() => box.Ref);

        Assert.Contains("'box'", error.Message);
        Assert.False(box.HasValue);
    }

    [Fact]
    public void ValueState_NullStored_Clears()
    {
        ValueState<Box> box = Declare("box", new BoxSerializer());

        At(1);
        box.Value = new Box();
        box.Value = null!;

        Assert.False(box.HasValue);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ValueState_OutsideAKeyedCall_Throws(bool afterABatch)
    {
        ValueState<long> total = Declare("total", new LongSerializer());
        if (afterABatch)
        {
            At(1);
            total.Value = 5;
            _state.EndBatch();
        }

        Action[] uses = [() => _ = total.Value, () => total.Value = 1, () => _ = total.HasValue, () => total.Clear(), () => _ = total.Ref, () => _ = total.Peek, () => total.TryGet(out _)];

        foreach (Action use in uses)
            Assert.Contains("State 'total' was used outside a keyed call", Assert.Throws<StreamKitException>(use).Message);
    }

    [Fact]
    public void ValueState_SteadyUpdates_AllocateNothing()
    {
        ValueState<long> total = Declare("total", new LongSerializer());
        long[] keys = [.. Enumerable.Range(0, 512)];
        int[] slots = new int[512];
        for (int i = 0; i < 50; i++)
            Run();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Run();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run()
        {
            _state.Resolve(keys, slots);
            foreach (int slot in slots)
            {
                _state.CurrentSlot = slot;
                total.Value += slot;
                total.Ref++;
            }

            _state.EndBatch();
        }
    }
}
