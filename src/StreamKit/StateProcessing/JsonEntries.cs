using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using StreamKit.Checkpoints;
using StreamKit.Operators;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.StateProcessing;

/// <summary>Keyed state as JSON. Values, lists and maps are put together by their own tables, whose values are taken as they are.</summary>
internal static class JsonEntries
{
    public static IAsyncEnumerable<ComparableEntry> ReadAsync(ICheckpointStore store, OperatorManifest stored, StateDescriptor state, int maxParallelism, CancellationToken cancellationToken)
    {
        TypeSchema key = stored.Key ?? throw new StreamKitException($"Operator '{stored.Name}' has a state '{state.Name}' but no keys: its manifest is damaged.");
        var keys = new RawKeySerializer(key);
        var keyJson = new SchemaJson(key);
        var schemas = new StoredSchemaJson(stored, state);
        var raw = new RawSerializer();
        var signature = new StateSignature(state.Name, state.Kind, state.Schema);
        return state.Kind switch
        {
            StateKind.List or StateKind.ListWithTtl => Entries(owner => EntryReaders.Lists(owner, signature, raw), (items, writer) => WriteList(items, writer)),
            StateKind.Map or StateKind.MapWithTtl => Entries(owner => EntryReaders.Maps(owner, signature, new RawKeySerializer(state.Schema.Members[0].Schema), raw), (entries, writer) => WriteMap(entries, writer)),
            StateKind.Timers or StateKind.Window => RowsAsync(store, stored, state, keyJson, schemas, cancellationToken),
            _ => Entries(owner => EntryReaders.Values(owner, signature, raw), (value, writer) => WriteValue(value, schemas.Of(value.Generation).Schema, writer)),
        };

        IAsyncEnumerable<ComparableEntry> Entries<TEntry>(Func<KeyedState, EntryTable<TEntry>> declare, Action<TEntry, Utf8JsonWriter> write) =>
            new StoredEntries<RawKey, TEntry>(store, stored, state, keys, maxParallelism, declare, raw)
                .ReadAsync((keyGroup, rawKey, entry) => Entry(state, keyGroup, KeyText(keyJson, key, rawKey.Bytes), Text(writer => write(entry, writer)), rawKey.Bytes, default), cancellationToken);

        void WriteValue(RawValue value, TypeSchema schema, Utf8JsonWriter writer)
        {
            var reader = new MessagePackReader(value.Bytes.Span);
            schemas.Of(value.Generation).Json.Write(writer, schema, ref reader);
        }

        void WriteList(IReadOnlyList<RawValue> items, Utf8JsonWriter writer)
        {
            writer.WriteStartArray();
            foreach (RawValue item in items)
            {
                WriteValue(item, schemas.Of(item.Generation).Schema.Members[0].Schema, writer);
            }

            writer.WriteEndArray();
        }

        void WriteMap(IReadOnlyDictionary<RawKey, RawValue> entries, Utf8JsonWriter writer)
        {
            SchemaJson.BeginMap(writer, state.Schema);
            var bytes = new ArrayBufferWriter<byte>();
            // By key, so that equal maps are equal text. Each entry may be of another version of its type.
            foreach ((RawKey entryKey, RawValue value) in entries.OrderBy(static each => each.Key.Bytes.ToArray(), ByteOrder.Instance))
            {
                bytes.ResetWrittenCount();
                bytes.Write(entryKey.Bytes);
                bytes.Write(value.Bytes.Span);
                var reader = new MessagePackReader(bytes.WrittenSpan);
                (TypeSchema schema, SchemaJson json) = schemas.Of(value.Generation);
                json.WriteEntry(writer, schema, ref reader);
            }

            SchemaJson.EndMap(writer, state.Schema);
        }
    }

    /// <summary>Timers and slices, a row each: they are not put together.</summary>
    private static async IAsyncEnumerable<ComparableEntry> RowsAsync(
        ICheckpointStore store, OperatorManifest stored, StateDescriptor state, SchemaJson keyJson, StoredSchemaJson schemas, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using StoredRows rows = await StoredRows.OpenAsync(store, stored, cancellationToken);
        while (await rows.MoveNextAsync(cancellationToken))
        {
            if (rows.Current.StateId == state.Id)
            {
                yield return RowEntry(rows.Current, stored, state, keyJson, schemas.Of(rows.Generation));
            }
        }
    }

    private static ComparableEntry RowEntry(SegmentRow row, OperatorManifest stored, StateDescriptor state, SchemaJson keyJson, (TypeSchema Schema, SchemaJson Json) form)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            if (state.Kind == StateKind.Timers)
            {
                WriteTimers(row, writer);
            }
            else
            {
                WriteSlice(row, form, writer);
            }

            writer.WriteEndObject();
        }

        return Entry(state, row.KeyGroup, KeyText(keyJson, stored.Key!, row.Key), Encoding.UTF8.GetString(output.WrittenSpan), row.Key, row.SubKey); // there are rows, so there are keys
    }

    private static void WriteTimers(SegmentRow row, Utf8JsonWriter writer)
    {
        (TimeDomain domain, long start) = TimerTable.ReadSubKey(row.SubKey);
        writer.WriteString("domain", domain.ToString());
        writer.WriteStartArray("timestamps");
        var reader = new MessagePackReader(row.Value);
        for (ulong offsets = reader.ReadUInt64(); offsets != 0; offsets &= offsets - 1)
        {
            writer.WriteNumberValue(start + BitOperations.TrailingZeroCount(offsets));
        }

        writer.WriteEndArray();
    }

    private static void WriteSlice(SegmentRow row, (TypeSchema Schema, SchemaJson Json) form, Utf8JsonWriter writer)
    {
        writer.WriteNumber("start", EntryReaders.SliceStart(row.SubKey));
        var reader = new MessagePackReader(row.Value);
        if (row.SubKey.Length == sizeof(long))
        {
            writer.WritePropertyName("accumulator");
            form.Json.Write(writer, form.Schema, ref reader);
        }
        else
        {
            // Some of the records of a slice.
            writer.WriteString("part", Convert.ToHexString(row.SubKey[sizeof(long)..]));
            writer.WritePropertyName("elements");
            MessagePackJson.Write(writer, ref reader);
        }
    }

    private static ComparableEntry Entry(StateDescriptor state, int keyGroup, string key, string value, ReadOnlySpan<byte> keyBytes, ReadOnlySpan<byte> subKey) =>
        new(new StoredEntry(state.Name, EntryReaders.KindOf(state.Kind), keyGroup, key, value), keyBytes.ToArray(), subKey.ToArray());

    private static string KeyText(SchemaJson json, TypeSchema schema, ReadOnlySpan<byte> key)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            var reader = new MessagePackReader(key);
            json.Write(writer, schema, ref reader);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Text(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private sealed class ByteOrder : IComparer<byte[]>
    {
        public static ByteOrder Instance { get; } = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
