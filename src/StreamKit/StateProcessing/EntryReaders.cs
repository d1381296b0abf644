using System.Buffers.Binary;
using System.Numerics;
using StreamKit.Checkpoints;
using StreamKit.Operators;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.StateProcessing;

/// <summary>How what is stored becomes what a caller reads.</summary>
internal static class EntryReaders
{
    public static EntryTable<T> Values<T>(KeyedState owner, StateSignature signature, Serializer<T> serializer)
    {
        var table = new ValueTable<T>(signature, serializer);
        owner.AddTable(table);
        var handle = new ValueState<T>(table);
        return new EntryTable<T>((out T value) => handle.TryGet(out value!), handle.Clear); // null is never stored
    }

    public static EntryTable<IReadOnlyList<T>> Lists<T>(KeyedState owner, StateSignature signature, Serializer<T> serializer)
    {
        var table = new ListTable<T>(signature, serializer);
        owner.AddTable(table);
        var handle = new ListState<T>(table);
        return new EntryTable<IReadOnlyList<T>>((out IReadOnlyList<T> items) => (items = [.. handle]).Count > 0, handle.Clear);
    }

    public static EntryTable<IReadOnlyDictionary<TKey, TValue>> Maps<TKey, TValue>(KeyedState owner, StateSignature signature, KeySerializer<TKey> keys, Serializer<TValue> values)
        where TKey : notnull
    {
        var table = new MapTable<TKey, TValue>(signature, keys, values);
        owner.AddTable(table);
        var handle = new MapState<TKey, TValue>(table);
        return new EntryTable<IReadOnlyDictionary<TKey, TValue>>((out IReadOnlyDictionary<TKey, TValue> entries) => (entries = new Dictionary<TKey, TValue>(handle)).Count > 0, handle.Clear);
    }

    /// <summary>The timers of a row.</summary>
    public static IReadOnlyList<StoredTimer<TKey>> Timers<TKey>(SegmentRow row, KeySerializer<TKey> keys)
    {
        TKey key = keys.Read(row.Key);
        var timers = new List<StoredTimer<TKey>>();
        (TimeDomain domain, long start) = TimerTable.ReadSubKey(row.SubKey);
        var reader = new MessagePackReader(row.Value);
        for (ulong offsets = reader.ReadUInt64(); offsets != 0; offsets &= offsets - 1)
        {
            timers.Add(new StoredTimer<TKey>(key, domain, start + BitOperations.TrailingZeroCount(offsets)));
        }

        return timers;
    }

    public static StoredSlice<TKey, TAcc> Slice<TKey, TAcc>(SegmentRow row, RowConversions? conversions, KeySerializer<TKey> keys, Serializer<TAcc> accumulators)
    {
        using var scratch = new PooledBufferWriter();
        var reader = new MessagePackReader(conversions is null ? row.Value : conversions.Convert(row.StateId, row.SubKey, row.Value, scratch));
        return new StoredSlice<TKey, TAcc>(keys.Read(row.Key), SliceStart(row.SubKey), accumulators.Read(ref reader));
    }

    /// <summary>The beginning of a window's slice: the first eight bytes of the sub-key, with the sign turned.</summary>
    public static long SliceStart(ReadOnlySpan<byte> subKey) => BinaryPrimitives.ReadInt64BigEndian(subKey) ^ long.MinValue;

    public static T Item<T>(ReadOnlyMemory<byte> bytes, Serializer<T> serializer)
    {
        var reader = new MessagePackReader(bytes.Span);
        return serializer.Read(ref reader);
    }

    public static int LengthOf(SegmentRow row) => row.Key.Length + row.SubKey.Length + row.Value.Length;

    public static string KindOf(StateKind kind) => kind.ToString().ToLowerInvariant();

    public static string Names(OperatorManifest stored) => Quoted(stored.States.Select(static each => each.Name));

    public static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(static each => $"'{each}'")) is { Length: > 0 } text ? text : "none";
}
