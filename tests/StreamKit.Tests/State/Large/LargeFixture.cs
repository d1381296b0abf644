using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Tests.State.Large;

/// <summary>One list and one map of longs for a single key, and what their cuts write.</summary>
internal sealed class LargeFixture
{
    private readonly CountingSerializer _serializer = new();

    public LargeFixture()
    {
        var registry = new SerializerRegistry();
        var list = new ListTable<long>(StateSignature.OfList<long>("list", registry), _serializer);
        var map = new MapTable<long, long>(StateSignature.OfMap<long, long>("map", registry), registry.GetKey<long>(), _serializer);
        State = new KeyedState<long>(new KeyGroupRange(0, 127), 128, registry.GetKey<long>());
        State.AddTable(list);
        State.AddTable(map);
        List = new ListState<long>(list);
        Map = new MapState<long, long>(map);
        Enter();
    }

    public KeyedState<long> State { get; }

    public ListState<long> List { get; }

    public MapState<long, long> Map { get; }

    /// <summary>Items and values that were serialized.</summary>
    public int Serialized => _serializer.Writes;

    /// <summary>Begins a call for the key.</summary>
    public void Enter()
    {
        int[] slots = new int[1];
        State.Resolve([1], slots);
        State.CurrentSlot = slots[0];
    }

    /// <summary>What has changed since the last cut, stored.</summary>
    public List<RecordedRow> Cut()
    {
        using KeyedStateCut cut = State.Cut();
        while (!cut.Advance(100))
        {
        }

        using var rows = new RecordedRows();
        ValueTask written = cut.WriteAsync(rows, CancellationToken.None);
        Assert.True(written.IsCompletedSuccessfully);
        cut.Complete();
        State.EndBatch();
        Enter();
        return rows.Rows;
    }

    public static long BytesOf(List<RecordedRow> rows) => rows.Sum(static row => row.Key.Length + row.SubKey.Length + (row.Value?.Length ?? 0));

    private sealed class CountingSerializer : Serializer<long>
    {
        public int Writes { get; private set; }

        public override void Write(ref MessagePackWriter writer, long value)
        {
            Writes++;
            writer.Write(value);
        }

        public override long Read(ref MessagePackReader reader) => reader.ReadInt64();
    }
}
