using StreamKit.State;

namespace StreamKit.Tests.State;

public class KeyedStateTests
{
    private readonly KeyedState<long> _state = TestKeys.NewState();
    private readonly ValueTable<long> _total = new("total", StateKind.Value, new LongSerializer());

    [Fact]
    public void KeyedState_KeyWithoutState_IsRecycledAtTheEndOfTheBatch()
    {
        _state.AddTable(_total);

        int slot = Resolve(1);
        Assert.Equal(1, _state.LiveKeys);
        _state.EndBatch();

        Assert.Equal(0, _state.LiveKeys);
        Assert.False(_state.TryFind(1, out _));
        Assert.Equal(slot, Resolve(2));
    }

    [Fact]
    public void KeyedState_KeyWithAValue_KeepsItsSlot()
    {
        _state.AddTable(_total);

        int slot = Resolve(1);
        _total.Column.Set(slot, 5);
        _state.EndBatch();

        Assert.True(_state.TryFind(1, out int found));
        Assert.Equal(slot, found);
        Assert.Equal(1, _state.KeyOf(slot));
        Assert.Equal(KeyGroups.Of(new TestKeys().Hash(1), 128), _state.KeyGroupOf(slot));
    }

    [Fact]
    public void KeyedState_ValueClearedAndStoredAgainInTheBatch_KeepsItsSlot()
    {
        _state.AddTable(_total);
        int slot = Resolve(1);
        _total.Column.Set(slot, 5);
        _state.EndBatch();

        _total.Column.Clear(slot);
        _total.Column.Set(slot, 6);
        _total.Column.Clear(slot);
        _total.Column.Set(slot, 7);
        _state.EndBatch();

        Assert.True(_state.TryFind(1, out _));
    }

    [Fact]
    public void KeyedState_RetainedSlot_IsRecycledAfterTheLastRelease()
    {
        _state.AddTable(_total);
        int slot = Resolve(1);
        _state.Retain(slot);
        _state.Retain(slot);
        _state.EndBatch();

        _state.Release(slot);
        _state.EndBatch();
        Assert.Equal(1, _state.LiveKeys);
        _state.Release(slot);
        _state.EndBatch();

        Assert.Equal(0, _state.LiveKeys);
    }

    [Fact]
    public void KeyedState_SameNameTwice_IsRefused()
    {
        _state.AddTable(_total);

        var error = Assert.Throws<StreamKitException>(() => _state.AddTable(new ValueTable<long>("total", StateKind.Value, new LongSerializer())));

        Assert.Contains("'total' is declared twice", error.Message);
    }

    [Fact]
    public void KeyedState_Restored_KeepsIdsAndNeverGivesOneAgain()
    {
        _state.Restore([new StateDescriptor(4, "gone", StateKind.List, ""), new StateDescriptor(3, "total", StateKind.Value, "")]);
        var added = new ValueTable<long>("new", StateKind.Value, new LongSerializer());

        _state.AddTable(added);
        _state.AddTable(_total);

        Assert.Equal(3, _total.Id);
        Assert.Equal(5, added.Id);
        using KeyedStateCut cut = _state.Cut();
        Assert.Equal([3, 4, 5], cut.States.Select(state => state.Id));
    }

    [Fact]
    public void KeyedState_RestoredAsAnotherKind_IsRefused()
    {
        _state.Restore([new StateDescriptor(3, "total", StateKind.Map, "")]);

        var error = Assert.Throws<StreamKitException>(() => _state.AddTable(_total));

        Assert.Contains("'total' is Map state in the checkpoint", error.Message);
    }

    [Fact]
    public void KeyedState_RowOfAStateNobodyDeclares_IsRefused()
    {
        _state.Restore([new StateDescriptor(3, "forgotten", StateKind.Value, "")]);
        byte[] key = new byte[8];

        var error = Assert.Throws<StreamKitException>(() => _state.Load(0, 3, key, default, [1]));

        Assert.Contains("'forgotten'", error.Message);
    }

    [Fact]
    public void KeyedState_CutWhileTheFormerIsOpen_IsRefused()
    {
        _state.AddTable(_total);
        KeyedStateCut first = _state.Cut();

        var error = Assert.Throws<StreamKitException>(() => _state.Cut());
        first.Dispose();
        using KeyedStateCut second = _state.Cut();

        Assert.Contains("still open", error.Message);
        Assert.NotNull(second);
    }

    private int Resolve(long key)
    {
        int[] slots = new int[1];
        _state.Resolve([key], slots);
        return slots[0];
    }
}
