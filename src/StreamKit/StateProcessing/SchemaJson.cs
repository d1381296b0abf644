using System.Globalization;
using System.Text.Json;
using StreamKit.Serialization;

namespace StreamKit.StateProcessing;

/// <summary>
/// Turns stored values into JSON by the schema that stands beside them: members get their names back, scalars their usual text. What a custom
/// serializer wrote is shown as the MessagePack value that it is.
/// </summary>
/// <remarks>Times are ISO 8601, durations <c>d.hh:mm:ss.fffffff</c>, bytes base64. Maps whose keys are strings are objects, others lists of key and value.</remarks>
internal sealed class SchemaJson
{
    /// <summary>Schemas with members, in order of appearance: what references count by.</summary>
    private readonly List<TypeSchema> _withMembers = [];

    /// <param name="root">The schema whose parts are written; references count from its beginning.</param>
    public SchemaJson(TypeSchema root) => Collect(root);

    /// <summary>Writes the next value of a reader.</summary>
    /// <param name="json">Where the JSON goes.</param>
    /// <param name="schema">The root, or a part of it.</param>
    /// <param name="reader">Left behind the value.</param>
    /// <exception cref="StreamSerializationException">The bytes are not a value of that schema.</exception>
    public void Write(Utf8JsonWriter json, TypeSchema schema, ref MessagePackReader reader)
    {
        if (reader.TryReadNil())
        {
            json.WriteNullValue();
            return;
        }

        switch (schema.Kind)
        {
            case SchemaKind.Nullable:
            case SchemaKind.Enumeration:
                Write(json, schema.Members[0].Schema, ref reader);
                break;
            case SchemaKind.Reference:
                Write(json, _withMembers[schema.Target], ref reader);
                break;
            case SchemaKind.Sequence:
                WriteSequence(json, schema.Members[0].Schema, ref reader);
                break;
            case SchemaKind.Map:
                WriteMap(json, schema, ref reader);
                break;
            case SchemaKind.Members:
                WriteMembers(json, schema, ref reader);
                break;
            case SchemaKind.Custom:
                MessagePackJson.Write(json, ref reader);
                break;
            default:
                WriteScalar(json, schema.Name, ref reader);
                break;
        }
    }

    /// <summary>Begins a map whose entries are written one by one, and which <see cref="EndMap"/> ends.</summary>
    public static void BeginMap(Utf8JsonWriter json, TypeSchema map)
    {
        if (IsObject(map))
        {
            json.WriteStartObject();
        }
        else
        {
            json.WriteStartArray();
        }
    }

    public static void EndMap(Utf8JsonWriter json, TypeSchema map)
    {
        if (IsObject(map))
        {
            json.WriteEndObject();
        }
        else
        {
            json.WriteEndArray();
        }
    }

    /// <summary>Writes the next key and value of a reader as an entry of a map.</summary>
    public void WriteEntry(Utf8JsonWriter json, TypeSchema map, ref MessagePackReader reader)
    {
        if (IsObject(map))
        {
            json.WritePropertyName(reader.ReadString() ?? "");
            Write(json, map.Members[1].Schema, ref reader);
            return;
        }

        json.WriteStartObject();
        json.WritePropertyName("key");
        Write(json, map.Members[0].Schema, ref reader);
        json.WritePropertyName("value");
        Write(json, map.Members[1].Schema, ref reader);
        json.WriteEndObject();
    }

    private static bool IsObject(TypeSchema map) => map.Members[0].Schema is { Kind: SchemaKind.Scalar, Name: "string" };

    private void Collect(TypeSchema schema)
    {
        if (schema.Kind == SchemaKind.Members)
        {
            _withMembers.Add(schema);
        }

        foreach (SchemaMember member in schema.Members)
        {
            Collect(member.Schema);
        }
    }

    private void WriteSequence(Utf8JsonWriter json, TypeSchema element, ref MessagePackReader reader)
    {
        json.WriteStartArray();
        for (int left = reader.ReadArrayHeader(); left > 0; left--)
        {
            Write(json, element, ref reader);
        }

        json.WriteEndArray();
    }

    private void WriteMap(Utf8JsonWriter json, TypeSchema schema, ref MessagePackReader reader)
    {
        BeginMap(json, schema);
        for (int left = reader.ReadMapHeader(); left > 0; left--)
        {
            WriteEntry(json, schema, ref reader);
        }

        EndMap(json, schema);
    }

    private void WriteMembers(Utf8JsonWriter json, TypeSchema schema, ref MessagePackReader reader)
    {
        int count = reader.ReadArrayHeader();
        if (count != schema.Members.Count)
        {
            throw new StreamSerializationException($"A value has {count} members, and {schema} has {schema.Members.Count}. It was written as another type.");
        }

        json.WriteStartObject();
        foreach (SchemaMember member in schema.Members)
        {
            json.WritePropertyName(member.Name);
            Write(json, member.Schema, ref reader);
        }

        json.WriteEndObject();
    }

    private static void WriteScalar(Utf8JsonWriter json, string form, ref MessagePackReader reader)
    {
        switch (form)
        {
            case "guid" when reader.NextKind == MessagePackKind.Binary:
                json.WriteStringValue(new Guid(reader.ReadBytes(), bigEndian: true));
                break;
            case "decimal":
                json.WriteNumberValue(DecimalSerializer.ReadParts(ref reader));
                break;
            case "int128" or "uint128" or "integer":
                json.WriteRawValue(WideInteger.Read(ref reader).ToString(CultureInfo.InvariantCulture));
                break;
            case "datetime":
                json.WriteStringValue(new DateTimeSerializer().Read(ref reader));
                break;
            case "timestamp" or "timestamp-offset":
                json.WriteStringValue(new DateTimeOffsetSerializer().Read(ref reader));
                break;
            case "duration":
                json.WriteStringValue(new TimeSpan(reader.ReadInt64()).ToString("c", CultureInfo.InvariantCulture));
                break;
            case "date":
                json.WriteStringValue(new DateOnlySerializer().Read(ref reader).ToString("O", CultureInfo.InvariantCulture));
                break;
            case "time":
                json.WriteStringValue(new TimeOnlySerializer().Read(ref reader).ToString("O", CultureInfo.InvariantCulture));
                break;
            default:
                MessagePackJson.Write(json, ref reader);
                break;
        }
    }
}
