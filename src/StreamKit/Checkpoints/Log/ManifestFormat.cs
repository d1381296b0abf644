using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>A manifest in MessagePack, as part of a log entry: arrays in a fixed order, so that the entry's version is the only one.</summary>
internal static class ManifestFormat
{
    private const int ManifestFields = 6;
    private const int OperatorFields = 10;

    // One more where there are union lists, which came later: what has none is written as before.
    private const int OperatorFieldsWithUnions = OperatorFields + 1;
    private const int StateFields = 4;
    private const int GenerationFields = 2;
    private const int SegmentFields = 9;
    private const int SubtaskFields = 3;
    private const int TransactionFields = 3;

    public static void Write(ref MessagePackWriter writer, CheckpointManifest? manifest)
    {
        if (manifest is null)
        {
            writer.WriteNil();
            return;
        }

        writer.WriteArrayHeader(ManifestFields);
        writer.Write(manifest.Number);
        writer.Write(manifest.Claim);
        writer.Write(manifest.Timestamp);
        writer.Write(manifest.Finished);
        writer.WriteArrayHeader(manifest.Operators.Count);
        foreach (OperatorManifest each in manifest.Operators)
        {
            Write(ref writer, each);
        }

        writer.WriteArrayHeader(manifest.Transactions.Count);
        foreach (PreparedTransaction transaction in manifest.Transactions)
        {
            writer.WriteArrayHeader(TransactionFields);
            writer.Write(transaction.Sink);
            writer.Write(transaction.Id);
            writer.Write(transaction.Payload.Span);
        }
    }

    public static CheckpointManifest? Read(ref MessagePackReader reader, JobIdentity job)
    {
        if (reader.TryReadNil())
        {
            return null;
        }

        ReadHeader(ref reader, ManifestFields);
        long number = reader.ReadInt64();
        long claim = reader.ReadInt64();
        long timestamp = reader.ReadInt64();
        bool finished = reader.ReadBoolean();
        var operators = new OperatorManifest[reader.ReadArrayHeader()];
        for (int i = 0; i < operators.Length; i++)
        {
            operators[i] = ReadOperator(ref reader);
        }

        var transactions = new PreparedTransaction[reader.ReadArrayHeader()];
        for (int i = 0; i < transactions.Length; i++)
        {
            ReadHeader(ref reader, TransactionFields);
            transactions[i] = new PreparedTransaction(ReadText(ref reader), ReadText(ref reader), reader.ReadBytes().ToArray());
        }

        return new CheckpointManifest
        {
            Job = job,
            Number = number,
            Claim = claim,
            Timestamp = timestamp,
            Finished = finished,
            Operators = operators,
            Transactions = transactions,
        };
    }

    public static void ReadHeader(ref MessagePackReader reader, int expected)
    {
        int count = reader.ReadArrayHeader();
        if (count != expected)
        {
            throw new StreamSerializationException($"An array has {count} fields, expected {expected}.");
        }
    }

    public static string ReadText(ref MessagePackReader reader) =>
        reader.ReadString() ?? throw new StreamSerializationException("A text is missing.");

    private static void Write(ref MessagePackWriter writer, OperatorManifest manifest)
    {
        writer.WriteArrayHeader(manifest.UnionLists.Count == 0 ? OperatorFields : OperatorFieldsWithUnions);
        writer.Write(manifest.Name);
        writer.Write(manifest.Parallelism);
        if (manifest.Key is { } key)
        {
            key.Write(ref writer);
        }
        else
        {
            writer.WriteNil();
        }

        writer.WriteArrayHeader(manifest.States.Count);
        foreach (StateDescriptor state in manifest.States)
        {
            writer.WriteArrayHeader(StateFields);
            writer.Write(state.Id);
            writer.Write(state.Name);
            writer.Write((int)state.Kind);
            state.Schema.Write(ref writer);
        }

        writer.Write(manifest.Schemas.Newest);
        writer.WriteArrayHeader(manifest.Schemas.Older.Count);
        foreach (SchemaGeneration generation in manifest.Schemas.Older)
        {
            Write(ref writer, generation);
        }

        writer.Write(manifest.NextStateId);
        writer.WriteMapHeader(manifest.Lists.Count);
        // By name, so that equal checkpoints are equal bytes whatever a dictionary's order is.
        foreach ((string name, TypeSchema schema) in manifest.Lists.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            writer.Write(name);
            schema.Write(ref writer);
        }

        writer.WriteArrayHeader(manifest.Segments.Count);
        foreach (SegmentReference segment in manifest.Segments)
        {
            Write(ref writer, segment);
        }

        writer.WriteArrayHeader(manifest.Subtasks.Count);
        foreach (SubtaskManifest subtask in manifest.Subtasks)
        {
            Write(ref writer, subtask);
        }

        if (manifest.UnionLists.Count == 0)
        {
            return;
        }

        writer.WriteArrayHeader(manifest.UnionLists.Count);
        foreach (string list in manifest.UnionLists)
        {
            writer.Write(list);
        }
    }

    private static OperatorManifest ReadOperator(ref MessagePackReader reader)
    {
        int fields = reader.ReadArrayHeader();
        if (fields is not (OperatorFields or OperatorFieldsWithUnions))
        {
            throw new StreamSerializationException($"An operator has {fields} fields, expected {OperatorFields} or {OperatorFieldsWithUnions}.");
        }

        string name = ReadText(ref reader);
        int parallelism = reader.ReadInt32();
        TypeSchema? key = reader.TryReadNil() ? null : TypeSchema.Read(ref reader);
        var states = new StateDescriptor[reader.ReadArrayHeader()];
        for (int i = 0; i < states.Length; i++)
        {
            ReadHeader(ref reader, StateFields);
            states[i] = new StateDescriptor(reader.ReadInt32(), ReadText(ref reader), (StateKind)reader.ReadByte(), TypeSchema.Read(ref reader));
        }

        int newest = reader.ReadInt32();
        var older = new SchemaGeneration[reader.ReadArrayHeader()];
        for (int i = 0; i < older.Length; i++)
        {
            older[i] = ReadGeneration(ref reader);
        }

        int nextStateId = reader.ReadInt32();
        int listCount = reader.ReadMapHeader();
        var lists = new Dictionary<string, TypeSchema>(listCount);
        for (int i = 0; i < listCount; i++)
        {
            string list = ReadText(ref reader);
            if (!lists.TryAdd(list, TypeSchema.Read(ref reader)))
            {
                throw new StreamSerializationException($"The schema of list '{list}' is there twice.");
            }
        }

        var segments = new SegmentReference[reader.ReadArrayHeader()];
        for (int i = 0; i < segments.Length; i++)
        {
            segments[i] = ReadSegment(ref reader);
        }

        var subtasks = new SubtaskManifest[reader.ReadArrayHeader()];
        for (int i = 0; i < subtasks.Length; i++)
        {
            subtasks[i] = ReadSubtask(ref reader);
        }

        string[] unions = fields == OperatorFields ? [] : new string[reader.ReadArrayHeader()];
        for (int i = 0; i < unions.Length; i++)
        {
            unions[i] = ReadText(ref reader);
            if (!lists.ContainsKey(unions[i]))
            {
                throw new StreamSerializationException($"The union list '{unions[i]}' has no schema.");
            }
        }

        return new OperatorManifest
        {
            Name = name,
            Parallelism = parallelism,
            Key = key,
            States = states,
            Schemas = new StoredSchemas(newest, older),
            NextStateId = nextStateId,
            Lists = lists,
            UnionLists = unions,
            Segments = segments,
            Subtasks = subtasks,
        };
    }

    private static void Write(ref MessagePackWriter writer, SchemaGeneration generation)
    {
        writer.WriteArrayHeader(GenerationFields);
        writer.Write(generation.Number);
        writer.WriteMapHeader(generation.Schemas.Count);
        foreach ((int state, TypeSchema schema) in generation.Schemas.OrderBy(static each => each.Key))
        {
            writer.Write(state);
            schema.Write(ref writer);
        }
    }

    private static SchemaGeneration ReadGeneration(ref MessagePackReader reader)
    {
        ReadHeader(ref reader, GenerationFields);
        int number = reader.ReadInt32();
        int count = reader.ReadMapHeader();
        var schemas = new Dictionary<int, TypeSchema>(count);
        for (int i = 0; i < count; i++)
        {
            int state = reader.ReadInt32();
            if (!schemas.TryAdd(state, TypeSchema.Read(ref reader)))
            {
                throw new StreamSerializationException($"The schema of state id {state} is there twice in generation {number}.");
            }
        }

        return new SchemaGeneration(number, schemas);
    }

    private static void Write(ref MessagePackWriter writer, SegmentReference segment)
    {
        writer.WriteArrayHeader(SegmentFields);
        writer.Write(segment.ObjectName);
        writer.Write(segment.Inline.Span);
        writer.Write(segment.Offset);
        writer.Write(segment.Length);
        writer.Write(segment.KeyGroups.First);
        writer.Write(segment.KeyGroups.Last);
        writer.Write(segment.Sequence);
        writer.Write((long)segment.Checksum);
        writer.Write(segment.Generation);
    }

    private static SegmentReference ReadSegment(ref MessagePackReader reader)
    {
        ReadHeader(ref reader, SegmentFields);
        return new SegmentReference
        {
            ObjectName = reader.ReadString(),
            Inline = reader.ReadBytes().ToArray(),
            Offset = reader.ReadInt64(),
            Length = reader.ReadInt64(),
            KeyGroups = new KeyGroupRange(reader.ReadInt32(), reader.ReadInt32()),
            Sequence = reader.ReadInt64(),
            Checksum = reader.ReadUInt32(),
            Generation = reader.ReadInt32(),
        };
    }

    private static void Write(ref MessagePackWriter writer, SubtaskManifest subtask)
    {
        writer.WriteArrayHeader(SubtaskFields);
        writer.Write(subtask.Index);
        writer.Write(subtask.Watermark);
        writer.WriteMapHeader(subtask.Lists.Count);
        foreach ((string name, IReadOnlyList<ReadOnlyMemory<byte>> items) in subtask.Lists.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            writer.Write(name);
            writer.WriteArrayHeader(items.Count);
            foreach (ReadOnlyMemory<byte> item in items)
            {
                writer.Write(item.Span);
            }
        }
    }

    private static SubtaskManifest ReadSubtask(ref MessagePackReader reader)
    {
        ReadHeader(ref reader, SubtaskFields);
        int index = reader.ReadInt32();
        long watermark = reader.ReadInt64();
        int count = reader.ReadMapHeader();
        var lists = new Dictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>>(count);
        for (int i = 0; i < count; i++)
        {
            string name = ReadText(ref reader);
            var items = new ReadOnlyMemory<byte>[reader.ReadArrayHeader()];
            for (int j = 0; j < items.Length; j++)
            {
                items[j] = reader.ReadBytes().ToArray();
            }

            if (!lists.TryAdd(name, items))
            {
                throw new StreamSerializationException($"The list '{name}' is there twice.");
            }
        }

        return new SubtaskManifest(index, watermark, lists);
    }
}
