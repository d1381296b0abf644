using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Tests.State;

public class KeyedStateTests
{
    private static readonly TypeSchema s_long = TypeSchema.Scalar("int64");
    private readonly KeyedState<long> _state = TestKeys.NewState();
    private readonly ValueTable<long> _total = new(Signature("total"), new LongSerializer());

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

        var error = Assert.Throws<StreamKitException>(() => _state.AddTable(new ValueTable<long>(Signature("total"), new LongSerializer())));

        Assert.Contains("'total' is declared twice", error.Message);
    }

    [Fact]
    public void KeyedState_Restored_KeepsIdsAndNeverGivesOneAgain()
    {
        _state.Restore([new StateDescriptor(4, "gone", StateKind.List, s_long), new StateDescriptor(3, "total", StateKind.Value, s_long)], nextStateId: 7);
        var added = new ValueTable<long>(Signature("new"), new LongSerializer());

        _state.AddTable(added);
        _state.AddTable(_total);

        Assert.Equal(3, _total.Id);
        Assert.Equal(7, added.Id);
        using KeyedStateCut cut = _state.Cut();
        Assert.Equal(8, _state.NextStateId);
        Assert.Equal([3, 7], cut.States.Select(state => state.Id));
    }

    [Fact]
    public void KeyedState_RestoredAsAnotherKind_IsRefused()
    {
        _state.Restore([new StateDescriptor(3, "total", StateKind.Map, s_long)], nextStateId: 4);

        _state.AddTable(_total);

        Assert.Contains("'total' is Map state in the checkpoint", Assert.Single(_state.Schemas.Refusals));
    }

    [Fact]
    public void KeyedState_RestoredAsAnotherType_IsRefused()
    {
        _state.Restore([new StateDescriptor(3, "total", StateKind.Value, TypeSchema.Scalar("string"))], nextStateId: 4);

        _state.AddTable(_total);

        Assert.Contains("State 'total' holds int64, but string in the checkpoint", Assert.Single(_state.Schemas.Refusals));
    }

    [Fact]
    public void KeyedState_RestoredWithAnIdThatWasNeverGiven_IsRefused()
    {
        var error = Assert.Throws<StreamKitException>(() => _state.Restore([new StateDescriptor(3, "total", StateKind.Value, s_long)], nextStateId: 3));

        Assert.Contains("'total' with id 3, but says that ids from 3 on were never given", error.Message);
    }

    [Fact]
    public void KeyedState_RowOfAStateNobodyDeclares_IsRefused()
    {
        _state.Restore([new StateDescriptor(3, "forgotten", StateKind.Value, s_long)], nextStateId: 4);
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

    private static StateSignature Signature(string name) => new(name, StateKind.Value, s_long);

    private int Resolve(long key)
    {
        int[] slots = new int[1];
        _state.Resolve([key], slots);
        return slots[0];
    }
}
