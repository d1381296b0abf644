using StreamKit.Serialization;
using StreamKit.State;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.State.Ttl;

public class TimedListTests
{
    private const int Ttl = 100;

    private readonly ManualClock _clock = new(1_000);

    [Fact]
    public void Item_ReadAfterItsTime_IsAbsentAndOthersMoveUp()
    {
        var state = new TimedCollections(_clock, long.MinValue, Ttl);
        state.Enter(1);
        state.Texts.AddRange(["a", "b"]);
        state.State.EndBatch();
        _clock.Now += Ttl - 1;
        state.Enter(1);
        state.Texts.Add("c");
        Assert.Equal("a", state.Texts[0]); // reading does not renew
        state.State.EndBatch();

        _clock.Now++;
        state.Enter(1);

        Assert.Equal(["c"], state.Texts);
        Assert.Equal("c", state.Texts[0]);
        Assert.Equal(1, state.Texts.Count);
        Assert.Throws<StreamKitException>(() => state.Texts[1]);
    }

    [Fact]
    public void Item_ReplacedInTime_LivesAnew()
    {
        var state = new TimedCollections(_clock, long.MinValue, Ttl);
        state.Enter(1);
        state.Texts.AddRange(["a", "b", "c"]);
        state.State.EndBatch();
        _clock.Now += Ttl - 1;
        state.Enter(1);
        state.Texts[1] = "B";
        state.State.EndBatch();

        _clock.Now++;
        state.Enter(1);

        Assert.Equal(["B"], state.Texts);
    }

    [Fact]
    public void Items_ThatExpireInFront_AreNotWritten()
    {
        var state = new TimedCollections(_clock, long.MinValue, Ttl);
        state.Enter(1);
        state.Texts.AddRange(Enumerable.Range(0, 300).Select(static i => $"{i}"));
        state.State.EndBatch();
        _clock.Now += Ttl / 2;
        state.Enter(1);
        state.Texts.AddRange(Enumerable.Range(300, 300).Select(static i => $"{i}"));
        state.State.EndBatch();
        Assert.Equal(3, Cut(state).Count);

        _clock.Now += Ttl / 2;
        state.Enter(1);
        Assert.Equal(Enumerable.Range(300, 300).Select(static i => $"{i}"), state.Texts);
        state.State.EndBatch();

        Assert.Empty(Cut(state));
    }

    [Fact]
    public void Object_OfAListPutTogetherAnewWhileACutIsOpen_IsInTheCutAsItWas()
    {
        var state = new TimedCollections(_clock, long.MinValue, Ttl);
        state.Enter(1);
        for (int i = 1; i <= 3; i++)
            state.Items.Add(new Box { Content = i });
        state.State.EndBatch();
        _clock.Now += Ttl / 2;
        state.Enter(1);
        _ = state.Items[0]; // outlives those behind it
        state.State.EndBatch();

        using KeyedStateCut cut = state.State.Cut();
        _clock.Now += Ttl / 2;
        state.Enter(1);
        Assert.Equal(1, state.Items.Count);
        state.Items[0].Content = 77;
        state.State.EndBatch();
        Assert.True(cut.Advance(int.MaxValue));
        using var sink = new RecordedRows();
        ValueTask written = cut.WriteAsync(sink, CancellationToken.None);
        Assert.True(written.IsCompletedSuccessfully);
        _clock.Now -= Ttl / 2;
        var restored = new TimedCollections(_clock, long.MinValue, Ttl);
        foreach (RecordedRow row in sink.Rows)
            restored.State.Load(row.KeyGroup, row.StateId, row.Key, row.SubKey, row.Value);
        restored.State.MarkStored();
        restored.Enter(1);

        Assert.Equal([1, 2, 3], restored.Items.Select(static box => box.Content));
    }

    [Fact]
    public void List_DeclaredWithoutItsTimeToLive_IsRefused()
    {
        var serializers = new SerializerRegistry();
        var state = new KeyedState<long>(new KeyGroupRange(0, 3), 4, serializers.GetKey<long>());
        state.Restore([new StateDescriptor(1, "list", StateKind.ListWithTtl, StateSignature.OfList<int>("list", serializers).Schema)], 2);

        new KeyedStateContext(state, serializers).List<int>("list");

        Assert.Contains("'list' is ListWithTtl state in the checkpoint, but the operator declares it as List state", Assert.Single(state.Schemas.Refusals));
    }

    [Fact]
    public void Rows_OfAListThatExpires_SayWhen()
    {
        var state = new TimedCollections(_clock, long.MinValue, Ttl);
        state.Enter(1);
        state.Texts.Add("a");
        state.State.EndBatch();
        _clock.Now += 16;
        state.Enter(1);
        state.Texts.Add("b");
        state.State.EndBatch();

        RecordedRow row = Assert.Single(Cut(state));

        // An array of 1,116, of 16 and 0 milliseconds before, and of the items.
        Assert.Equal("93CD045C92100092" + "A161" + "A162", Convert.ToHexString(row.Value!));
        Assert.Equal("00000000", Convert.ToHexString(row.SubKey));
    }

    private static List<RecordedRow> Cut(TimedCollections state)
    {
        using KeyedStateCut cut = state.State.Cut();
        Assert.True(cut.Advance(int.MaxValue));
        using var sink = new RecordedRows();
        ValueTask written = cut.WriteAsync(sink, CancellationToken.None);
        Assert.True(written.IsCompletedSuccessfully);
        cut.Complete();
        return sink.Rows;
    }
}
