using StreamKit.Serialization;
using StreamKit.State;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.State.Ttl;

public class TimedMapTests
{
    private const int Ttl = 100;

    private readonly ManualClock _clock = new(1_000);

    [Fact]
    public void Entry_ReadAfterItsTime_IsAbsentAndOthersAreNot()
    {
        var state = new TimedCollections(_clock, long.MinValue, Ttl);
        state.Enter(1);
        state.Words[1] = "early";
        state.State.EndBatch();
        _clock.Now += Ttl - 1;
        state.Enter(1);
        state.Words[2] = "late";
        Assert.Equal("early", state.Words[1]); // reading does not renew
        state.State.EndBatch();

        _clock.Now++;
        state.Enter(1);

        Assert.Equal([2], state.Words.Keys);
        Assert.False(state.Words.ContainsKey(1));
        Assert.Equal(1, state.Words.Count);
    }

    [Fact]
    public void Map_WhoseLastEntryExpires_IsGone()
    {
        var state = new TimedCollections(_clock, long.MinValue, Ttl);
        for (int i = 0; i < 1_000; i++)
        {
            state.Enter(i % 10);
            state.Words[i] = "word";
        }

        state.State.EndBatch();
        _clock.Now += Ttl;
        state.Expire(keys: 10);

        Assert.Equal(0, state.State.LiveKeys);
    }

    [Fact]
    public void Map_DeclaredWithoutItsTimeToLive_IsRefused()
    {
        var serializers = new SerializerRegistry();
        var state = new KeyedState<long>(new KeyGroupRange(0, 3), 4, serializers.GetKey<long>());
        state.Restore([new StateDescriptor(1, "map", StateKind.MapWithTtl, StateSignature.OfMap<int, string>("map", serializers).Schema)], 2);

        new KeyedStateContext(state, serializers).Map<int, string>("map");

        Assert.Contains("'map' is MapWithTtl state in the checkpoint, but the operator declares it as Map state", Assert.Single(state.Schemas.Refusals));
    }

    [Fact]
    public void Map_DeclaredWithATimeToLiveItDidNotHave_IsRefused()
    {
        var serializers = new SerializerRegistry();
        var state = new KeyedState<long>(new KeyGroupRange(0, 3), 4, serializers.GetKey<long>());
        state.Restore([new StateDescriptor(1, "map", StateKind.Map, StateSignature.OfMap<int, string>("map", serializers).Schema)], 2);

        new KeyedStateContext(state, serializers).Map<int, string>("map", StateTtl.After(TimeSpan.FromHours(1)));

        Assert.Contains("'map' is Map state in the checkpoint, but the operator declares it as MapWithTtl state", Assert.Single(state.Schemas.Refusals));
    }

    [Fact]
    public void Rows_OfAMapThatExpires_SayWhen()
    {
        var state = new TimedCollections(_clock, long.MinValue, Ttl);
        state.Enter(1);
        state.Words[7] = "a";
        state.State.EndBatch();
        _clock.Now += 16;
        state.Enter(1);
        state.Words[8] = "b";
        state.State.EndBatch();

        RecordedRow row = Assert.Single(Cut(state));

        // An array of 1,116, of 16 and 0 milliseconds before, and of the map.
        Assert.Equal("93CD045C92100082" + "07A161" + "08A162", Convert.ToHexString(row.Value!));
    }

    [Fact]
    public void Rows_OfALargeMapThatExpires_SayWhenInFrontOfTheBucket()
    {
        var state = new TimedCollections(_clock, long.MinValue, Ttl);
        state.Enter(1);
        for (int i = 0; i < 100; i++)
            state.Words[i] = "a";
        state.State.EndBatch();

        List<RecordedRow> rows = Cut(state);

        Assert.Equal(["00000000", "80000000"], rows.Select(static row => Convert.ToHexString(row.SubKey)));
        Assert.All(rows, static row => Assert.StartsWith("93CD044CDC00", Convert.ToHexString(row.Value!), StringComparison.Ordinal)); // 1,100 and so many zeros
        Assert.All(rows, static row => Assert.Equal(1_100, TimedRow.ReadExpiry(row.Value)));
    }

    [Fact]
    public void Rows_OfAnOlderSchema_KeepTheirTimes()
    {
        var serializers = new SerializerRegistry();
        var older = new StateDescriptor(1, "map", StateKind.MapWithTtl, StateSignature.OfMap<int, float>("map", serializers).Schema);
        var state = new KeyedState<long>(new KeyGroupRange(0, 3), 4, serializers.GetKey<long>()) { Clock = new TtlClock(_clock, long.MinValue) };
        state.Restore([older], 2);
        MapState<int, double> map = new KeyedStateContext(state, serializers).Map<int, double>("map", StateTtl.After(TimeSpan.FromMilliseconds(Ttl)));
        using var scratch = new PooledBufferWriter();
        byte[] row = Convert.FromHexString("93CD045C92100082" + "07CA3F800000" + "08CA40000000");
        byte[] converted = state.Schemas.Of(0)!.Convert(1, default, row, scratch).ToArray();
        state.Load(state.Range.First + KeyGroups.Of(serializers.GetKey<long>().Hash(1), 4), 1, [1], [], converted);
        state.MarkStored();
        int[] slots = new int[1];

        _clock.Now = 1_100;
        state.Resolve([1], slots);
        state.CurrentSlot = slots[0];

        Assert.Equal([KeyValuePair.Create(8, 2.0)], map);
    }

    private static List<RecordedRow> Cut(TimedCollections state)
    {
        using KeyedStateCut cut = state.State.Cut();
        Assert.True(cut.Advance(int.MaxValue));
        using var sink = new RecordedRows();
        ValueTask written = cut.WriteAsync(sink, CancellationToken.None);
        Assert.True(written.IsCompletedSuccessfully);
        return sink.Rows;
    }
}
