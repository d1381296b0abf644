using System.Numerics;
using StreamKit.Serialization;

namespace StreamKit.Generators.Tests.Serialization;

/// <summary>Random bytes in the form of a schema, from a seed: what a reader of the type most often takes, now and then what it refuses.</summary>
internal sealed class RandomWire(int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<TypeSchema> _members = [];

    public byte[] Next(TypeSchema schema)
    {
        using var buffer = new PooledBufferWriter();
        var writer = new MessagePackWriter(buffer);
        _members.Clear();
        Collect(schema);
        Write(ref writer, schema, 0);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The same bytes cut off, changed, or with a length that is not there.</summary>
    public byte[] Damage(byte[] valid)
    {
        var bytes = (byte[])valid.Clone();
        switch (_random.Next(4))
        {
            case 0:
                return bytes[.._random.Next(bytes.Length + 1)];
            case 1:
                bytes[_random.Next(bytes.Length)] ^= (byte)(1 << _random.Next(8));
                return bytes;
            case 2:
                byte[] lengths = [0xc6, 0xc9, 0xdb, 0xdd, 0xdf];
                var at = _random.Next(bytes.Length);
                return [.. bytes[..at], lengths[_random.Next(lengths.Length)], (byte)_random.Next(256), 0xff, 0xff, 0xff, .. bytes[at..]];
            default:
                for (var i = _random.Next(1, 5); i > 0; i--)
                    bytes[_random.Next(bytes.Length)] = (byte)_random.Next(256);
                return bytes;
        }
    }

    private void Collect(TypeSchema schema)
    {
        if (schema.Kind == SchemaKind.Members)
            _members.Add(schema);
        foreach (var member in schema.Members)
            Collect(member.Schema);
    }

    private void Write(ref MessagePackWriter writer, TypeSchema schema, int depth)
    {
        switch (schema.Kind)
        {
            case SchemaKind.Scalar:
                Scalar(ref writer, schema.Name);
                break;
            case SchemaKind.Nullable when _random.Next(3) == 0:
            case SchemaKind.Reference when depth > 5 || _random.Next(3) == 0:
            case SchemaKind.Sequence or SchemaKind.Map or SchemaKind.Members when _random.Next(40) == 0:
                writer.WriteNil();
                break;
            case SchemaKind.Nullable or SchemaKind.Enumeration:
                Write(ref writer, schema.Members[0].Schema, depth);
                break;
            case SchemaKind.Sequence:
                var count = _random.Next(depth > 4 ? 2 : 5);
                writer.WriteArrayHeader(count);
                for (; count > 0; count--)
                    Write(ref writer, schema.Members[0].Schema, depth + 1);
                break;
            case SchemaKind.Map:
                var pairs = _random.Next(3);
                writer.WriteMapHeader(pairs);
                for (; pairs > 0; pairs--)
                {
                    Write(ref writer, schema.Members[0].Schema, depth + 1);
                    Write(ref writer, schema.Members[1].Schema, depth + 1);
                }

                break;
            default:
                var members = schema.Kind == SchemaKind.Reference ? _members[schema.Target] : schema;
                writer.WriteArrayHeader(members.Members.Count);
                foreach (var member in members.Members)
                    Write(ref writer, member.Schema, depth + 1);
                break;
        }
    }

    private void Scalar(ref MessagePackWriter writer, string form)
    {
        switch (form)
        {
            case "bool":
                writer.Write(_random.Next(2) == 0);
                break;
            case "string":
                writer.Write(_random.Next(8) == 0 ? null : Text());
                break;
            case "uri" or "version":
                writer.Write(_random.Next(4) == 0 ? null : $"{_random.Next(99)}.{_random.Next(99)}");
                break;
            case "bytes":
                writer.Write(Bytes(_random.Next(40)));
                break;
            case "guid":
                writer.Write(Bytes(16));
                break;
            case "float32":
                writer.Write(_random.NextSingle() * 1e6f);
                break;
            case "float64":
                writer.Write((_random.NextDouble() - 0.5) * Math.Pow(10, _random.Next(-300, 300)));
                break;
            case "float16":
                writer.Write((float)BitConverter.UInt16BitsToHalf((ushort)_random.Next(0x7c00)));
                break;
            case "decimal":
                writer.WriteArrayHeader(2);
                writer.Write(Integer());
                writer.Write(_random.Next(29));
                break;
            case "datetime" or "timestamp" or "timestamp-offset":
                Time(ref writer, form);
                break;
            case "int128" or "uint128" or "integer" when _random.Next(2) == 0:
                writer.Write((BigInteger.One << _random.Next(64, 120)).ToByteArray(isUnsigned: false, isBigEndian: true));
                break;
            default:
                writer.Write(Number(form));
                break;
        }
    }

    private void Time(ref MessagePackWriter writer, string form)
    {
        var instant = new DateTime(_random.NextInt64(TimeSpan.TicksPerDay, DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay), DateTimeKind.Utc);
        if (form == "datetime" && _random.Next(2) == 0)
        {
            writer.WriteArrayHeader(2);
            writer.Write(2 * _random.Next(2));
        }
        else if (form == "timestamp-offset" && _random.Next(2) == 0)
        {
            writer.WriteArrayHeader(2);
            writer.WriteTimestamp(instant);
            writer.Write(_random.Next(1, 841));
            return;
        }

        writer.WriteTimestamp(instant);
    }

    private long Number(string form)
    {
        var (low, high) = form switch
        {
            "int8" => (sbyte.MinValue, sbyte.MaxValue),
            "int16" => (short.MinValue, short.MaxValue),
            "int32" => (int.MinValue, int.MaxValue),
            "uint8" => (0, byte.MaxValue),
            "uint16" or "char" => (0, ushort.MaxValue),
            "uint32" => (0, uint.MaxValue),
            "uint64" or "uint128" => (0, long.MaxValue),
            "rune" => (0, 0xd7ff),
            "date" => (0, DateOnly.MaxValue.DayNumber),
            "time" => (0, TimeSpan.TicksPerDay - 1),
            _ => (long.MinValue, long.MaxValue),
        };
        return Math.Clamp(Integer(), low, high);
    }

    private long Integer() => _random.NextInt64(long.MinValue, long.MaxValue) >> _random.Next(64);

    private string Text()
    {
        string[] alphabet = ["a", "Z", "0", "é", "√", "😀", "\0", " "];
        return string.Concat(Enumerable.Range(0, _random.Next(40)).Select(_ => alphabet[_random.Next(alphabet.Length)]));
    }

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
