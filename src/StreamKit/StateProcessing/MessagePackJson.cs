using System.Globalization;
using System.Text.Json;

namespace StreamKit.StateProcessing;

/// <summary>Any MessagePack value as JSON, without a schema.</summary>
internal static class MessagePackJson
{
    public static void Write(Utf8JsonWriter json, ref MessagePackReader reader)
    {
        switch (reader.NextKind)
        {
            case MessagePackKind.Nil:
                reader.ReadNil();
                json.WriteNullValue();
                break;
            case MessagePackKind.Boolean:
                json.WriteBooleanValue(reader.ReadBoolean());
                break;
            case MessagePackKind.Integer:
                WriteInteger(json, ref reader);
                break;
            case MessagePackKind.Float:
                WriteFloat(json, reader.ReadDouble());
                break;
            case MessagePackKind.String:
                json.WriteStringValue(reader.ReadString());
                break;
            case MessagePackKind.Binary:
                json.WriteBase64StringValue(reader.ReadBytes());
                break;
            case MessagePackKind.Array:
                WriteArray(json, ref reader);
                break;
            case MessagePackKind.Map:
                WriteMap(json, ref reader);
                break;
            default:
                WriteExtension(json, ref reader);
                break;
        }
    }

    private static void WriteInteger(Utf8JsonWriter json, ref MessagePackReader reader)
    {
        long bits = reader.ReadInteger(out bool isAboveLong);
        if (isAboveLong)
        {
            json.WriteNumberValue((ulong)bits);
        }
        else
        {
            json.WriteNumberValue(bits);
        }
    }

    /// <summary>JSON has no word for what is not a number.</summary>
    private static void WriteFloat(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void WriteArray(Utf8JsonWriter json, ref MessagePackReader reader)
    {
        reader.EnterDepth();
        json.WriteStartArray();
        for (int left = reader.ReadArrayHeader(); left > 0; left--)
        {
            Write(json, ref reader);
        }

        json.WriteEndArray();
        reader.LeaveDepth();
    }

    private static void WriteMap(Utf8JsonWriter json, ref MessagePackReader reader)
    {
        reader.EnterDepth();
        json.WriteStartArray();
        for (int left = reader.ReadMapHeader(); left > 0; left--)
        {
            json.WriteStartObject();
            json.WritePropertyName("key");
            Write(json, ref reader);
            json.WritePropertyName("value");
            Write(json, ref reader);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        reader.LeaveDepth();
    }

    private static void WriteExtension(Utf8JsonWriter json, ref MessagePackReader reader)
    {
        MessagePackReader again = reader;
        ReadOnlySpan<byte> bytes = reader.ReadExtension(out sbyte type);
        if (type == -1)
        {
            json.WriteStringValue(again.ReadTimestamp());
            return;
        }

        json.WriteStartObject();
        json.WriteNumber("extension", type);
        json.WriteBase64String("bytes", bytes);
        json.WriteEndObject();
    }
}
