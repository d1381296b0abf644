using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using StreamKit.Serialization;

namespace StreamKit;

/// <summary>
/// Reads MessagePack from contiguous bytes. Every length is checked against the bytes at hand before anything is allocated,
/// and all that can be wrong with the bytes is a <see cref="StreamSerializationException"/>. Always passed by reference.
/// </summary>
public ref struct MessagePackReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;
    private int _depth;

    /// <summary>Creates a reader.</summary>
    /// <param name="bytes">The bytes to read; spans that the reader returns are parts of it.</param>
    public MessagePackReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>The number of bytes read.</summary>
    public readonly int Position => _position;

    /// <summary>The number of bytes not read yet.</summary>
    public readonly int Remaining => _bytes.Length - _position;

    /// <summary>The kind of the next value, without reading it.</summary>
    /// <exception cref="StreamSerializationException">The bytes end here, or no value begins here.</exception>
    public readonly MessagePackKind NextKind =>
        MessagePackCode.KindOf(PeekCode("a value")) ?? throw Unexpected("a value", MessagePackCode.NeverUsed);

    /// <summary>Reads the absent value if it is next.</summary>
    /// <returns>Whether it was.</returns>
    public bool TryReadNil()
    {
        if (_position >= _bytes.Length || _bytes[_position] != MessagePackCode.Nil)
            return false;

        _position++;
        return true;
    }

    /// <summary>Reads the absent value.</summary>
    /// <exception cref="StreamSerializationException">Something else is next.</exception>
    public void ReadNil()
    {
        if (!TryReadNil())
            throw Unexpected("nil", PeekCode("nil"));
    }

    /// <summary>Reads true or false.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="StreamSerializationException">Something else is next.</exception>
    public bool ReadBoolean()
    {
        var code = PeekCode("a boolean");
        if (code is not (MessagePackCode.False or MessagePackCode.True))
            throw Unexpected("a boolean", code);

        _position++;
        return code == MessagePackCode.True;
    }

    /// <summary>Reads a whole number in any encoding.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="StreamSerializationException">Something else is next, or the number does not fit.</exception>
    public byte ReadByte() => (byte)ReadBelow(byte.MaxValue);

    /// <summary>Reads a whole number in any encoding.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="StreamSerializationException">Something else is next, or the number does not fit.</exception>
    public sbyte ReadSByte() => (sbyte)ReadBetween(sbyte.MinValue, sbyte.MaxValue);

    /// <summary>Reads a whole number in any encoding.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="StreamSerializationException">Something else is next, or the number does not fit.</exception>
    public short ReadInt16() => (short)ReadBetween(short.MinValue, short.MaxValue);

    /// <summary>Reads a whole number in any encoding.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="StreamSerializationException">Something else is next, or the number does not fit.</exception>
    public ushort ReadUInt16() => (ushort)ReadBelow(ushort.MaxValue);

    /// <summary>Reads a whole number in any encoding.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="StreamSerializationException">Something else is next, or the number does not fit.</exception>
    public int ReadInt32() => (int)ReadBetween(int.MinValue, int.MaxValue);

    /// <summary>Reads a whole number in any encoding.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="StreamSerializationException">Something else is next, or the number does not fit.</exception>
    public uint ReadUInt32() => (uint)ReadBelow(uint.MaxValue);

    /// <summary>Reads a whole number in any encoding.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="StreamSerializationException">Something else is next, or the number does not fit.</exception>
    public long ReadInt64()
    {
        var value = ReadInteger(out var aboveInt64);
        return aboveInt64 ? throw OutOfRange((ulong)value, long.MinValue, long.MaxValue) : value;
    }

    /// <summary>Reads a whole number in any encoding.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="StreamSerializationException">Something else is next, or the number does not fit.</exception>
    public ulong ReadUInt64()
    {
        var value = ReadInteger(out var aboveInt64);
        return value < 0 && !aboveInt64 ? throw OutOfRange(value, ulong.MinValue, ulong.MaxValue) : (ulong)value;
    }

    /// <summary>Reads a number of either width, or a whole number, if it can be held exactly: some writers shorten 1.0 to 1.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="StreamSerializationException">Something else is next, or precision would be lost.</exception>
    public float ReadSingle()
    {
        if (PeekCode("a number") == MessagePackCode.Float32)
            return BitConverter.UInt32BitsToSingle(BinaryPrimitives.ReadUInt32BigEndian(Take(5, "a number")[1..]));

        var wide = ReadDouble();
        var value = (float)wide;
        return value == wide || double.IsNaN(wide) ? value : throw Inexact(wide);
    }

    /// <summary>Reads a number of either width, or a whole number, if it can be held exactly: some writers shorten 1.0 to 1.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="StreamSerializationException">Something else is next, or precision would be lost.</exception>
    public double ReadDouble()
    {
        var code = PeekCode("a number");
        if (code == MessagePackCode.Float64)
            return BitConverter.UInt64BitsToDouble(BinaryPrimitives.ReadUInt64BigEndian(Take(9, "a number")[1..]));

        if (code == MessagePackCode.Float32)
            return BitConverter.UInt32BitsToSingle(BinaryPrimitives.ReadUInt32BigEndian(Take(5, "a number")[1..]));

        var whole = ReadInteger(out var aboveInt64);
        var value = aboveInt64 ? (ulong)whole : (double)whole;
        return (Int128)value == (aboveInt64 ? (ulong)whole : (Int128)whole) ? value : throw Inexact(value);
    }

    /// <summary>Reads text, or the absent value as null.</summary>
    /// <returns>The text.</returns>
    /// <exception cref="StreamSerializationException">Something else is next, or it is no valid UTF-8.</exception>
    public string? ReadString() => TryReadNil() ? null : Encoding.UTF8.GetString(ReadStringUtf8());

    /// <summary>Reads text as UTF-8, without a copy.</summary>
    /// <returns>The text, a part of the bytes being read.</returns>
    /// <exception cref="StreamSerializationException">Something else is next, or it is no valid UTF-8.</exception>
    public ReadOnlySpan<byte> ReadStringUtf8()
    {
        var text = Take(ReadStringLength(), "a string");
        return Utf8.IsValid(text) ? text : throw new StreamSerializationException(
            $"The string of {text.Length} bytes before byte {_position} is not valid UTF-8. The bytes are damaged or were written by something else.");
    }

    /// <summary>Reads bytes, without a copy.</summary>
    /// <returns>The bytes, a part of those being read.</returns>
    /// <exception cref="StreamSerializationException">Something else is next.</exception>
    public ReadOnlySpan<byte> ReadBytes()
    {
        var code = PeekCode("bytes");
        var length = code switch
        {
            MessagePackCode.Binary8 => ReadLength(1, "bytes"),
            MessagePackCode.Binary16 => ReadLength(2, "bytes"),
            MessagePackCode.Binary32 => ReadLength(4, "bytes"),
            _ => throw Unexpected("bytes", code),
        };
        return Take(length, "bytes");
    }

    /// <summary>Reads the beginning of a sequence.</summary>
    /// <returns>The number of values that follow; never more than bytes remain.</returns>
    /// <exception cref="StreamSerializationException">Something else is next, or the bytes at hand cannot hold so many values.</exception>
    public int ReadArrayHeader()
    {
        var code = PeekCode("an array");
        if ((code & 0xf0) == MessagePackCode.FixArray)
        {
            _position++;
            return CheckCount(code & 0xf, 1);
        }

        return CheckCount(
            code switch
            {
                MessagePackCode.Array16 => ReadLength(2, "an array"),
                MessagePackCode.Array32 => ReadLength(4, "an array"),
                _ => throw Unexpected("an array", code),
            },
            1);
    }

    /// <summary>Reads the beginning of a sequence of pairs.</summary>
    /// <returns>The number of pairs that follow; never more than half of the bytes that remain.</returns>
    /// <exception cref="StreamSerializationException">Something else is next, or the bytes at hand cannot hold so many pairs.</exception>
    public int ReadMapHeader()
    {
        var code = PeekCode("a map");
        if ((code & 0xf0) == MessagePackCode.FixMap)
        {
            _position++;
            return CheckCount(code & 0xf, 2);
        }

        return CheckCount(
            code switch
            {
                MessagePackCode.Map16 => ReadLength(2, "a map"),
                MessagePackCode.Map32 => ReadLength(4, "a map"),
                _ => throw Unexpected("a map", code),
            },
            2);
    }

    /// <summary>Reads bytes with a type number, without a copy.</summary>
    /// <param name="type">The type.</param>
    /// <returns>The bytes, a part of those being read.</returns>
    /// <exception cref="StreamSerializationException">Something else is next.</exception>
    public ReadOnlySpan<byte> ReadExtension(out sbyte type)
    {
        var code = PeekCode("an extension");
        long length;
        if (code is >= MessagePackCode.FixExtension1 and <= MessagePackCode.FixExtension16)
        {
            _position++;
            length = 1L << (code - MessagePackCode.FixExtension1);
        }
        else
        {
            length = code switch
            {
                MessagePackCode.Extension8 => ReadLength(1, "an extension"),
                MessagePackCode.Extension16 => ReadLength(2, "an extension"),
                MessagePackCode.Extension32 => ReadLength(4, "an extension"),
                _ => throw Unexpected("an extension", code),
            };
        }

        var all = Take(length + 1, "an extension");
        type = (sbyte)all[0];
        return all[1..];
    }

    /// <summary>Reads an instant in any of the timestamp extension's forms. What is finer than 100 ns is cut off.</summary>
    /// <returns>The instant, of kind <see cref="DateTimeKind.Utc"/>.</returns>
    /// <exception cref="StreamSerializationException">Something else is next, or the instant is outside of the years 1 to 9999.</exception>
    public DateTime ReadTimestamp()
    {
        var bytes = ReadExtension(out var type);
        if (type != MessagePackCode.Timestamp)
            throw new StreamSerializationException($"Expected a timestamp (extension type -1) before byte {_position}, but found extension type {type}.");

        return new DateTime(MessagePackTimestamp.Decode(bytes), DateTimeKind.Utc);
    }

    /// <summary>Passes over one value with everything in it, however deep.</summary>
    /// <exception cref="StreamSerializationException">The bytes end before the value does.</exception>
    public void Skip()
    {
        // Counting what is still owed needs no recursion, so hostile nesting cannot exhaust the stack.
        for (long owed = 1; owed > 0; owed--)
        {
            switch (NextKind)
            {
                case MessagePackKind.Array: owed += ReadArrayHeader(); break;
                case MessagePackKind.Map: owed += 2L * ReadMapHeader(); break;
                case MessagePackKind.String: Take(ReadStringLength(), "a string"); break;
                case MessagePackKind.Binary: ReadBytes(); break;
                case MessagePackKind.Extension: ReadExtension(out _); break;
                case MessagePackKind.Integer: ReadInteger(out _); break;
                case MessagePackKind.Float: Take(_bytes[_position] == MessagePackCode.Float32 ? 5 : 9, "a number"); break;
                default: _position++; break;
            }
        }
    }

    /// <summary>Reads one value with everything in it as it stands.</summary>
    /// <returns>Its MessagePack, a part of the bytes being read.</returns>
    /// <exception cref="StreamSerializationException">The bytes end before the value does.</exception>
    public ReadOnlySpan<byte> ReadRaw()
    {
        var start = _position;
        Skip();
        return _bytes[start.._position];
    }

    /// <summary>Call before reading the members of a value that may contain values of its own type; <see cref="LeaveDepth"/> follows.</summary>
    /// <exception cref="StreamSerializationException">More than 128 levels.</exception>
    public void EnterDepth()
    {
        if (++_depth > MessagePackCode.MaxDepth)
            throw new StreamSerializationException($"The value at byte {_position} nests deeper than {MessagePackCode.MaxDepth} levels. The bytes are damaged or were written by something else.");
    }

    /// <summary>Call after the members were read.</summary>
    public void LeaveDepth() => _depth--;

    private long ReadBetween(long lowest, long highest)
    {
        var value = ReadInteger(out var aboveInt64);
        if (aboveInt64)
            throw OutOfRange((ulong)value, lowest, highest);

        return value >= lowest && value <= highest ? value : throw OutOfRange(value, lowest, highest);
    }

    private long ReadBelow(long highest) => ReadBetween(0, highest);

    /// <summary>Any whole number; above the range of <c>long</c> its bits are those of a <c>ulong</c>.</summary>
    internal long ReadInteger(out bool aboveInt64)
    {
        const string What = "a whole number";
        aboveInt64 = false;
        var code = PeekCode(What);
        if (code is <= MessagePackCode.MaxPositiveFixInt or >= MessagePackCode.MinNegativeFixInt)
        {
            _position++;
            return (sbyte)code;
        }

        switch (code)
        {
            case MessagePackCode.UInt8: return Take(2, What)[1];
            case MessagePackCode.UInt16: return BinaryPrimitives.ReadUInt16BigEndian(Take(3, What)[1..]);
            case MessagePackCode.UInt32: return BinaryPrimitives.ReadUInt32BigEndian(Take(5, What)[1..]);
            case MessagePackCode.Int8: return (sbyte)Take(2, What)[1];
            case MessagePackCode.Int16: return BinaryPrimitives.ReadInt16BigEndian(Take(3, What)[1..]);
            case MessagePackCode.Int32: return BinaryPrimitives.ReadInt32BigEndian(Take(5, What)[1..]);
            case MessagePackCode.Int64: return BinaryPrimitives.ReadInt64BigEndian(Take(9, What)[1..]);
            case MessagePackCode.UInt64:
                var value = BinaryPrimitives.ReadInt64BigEndian(Take(9, What)[1..]);
                aboveInt64 = value < 0;
                return value;
            default: throw Unexpected(What, code);
        }
    }

    private long ReadStringLength()
    {
        var code = PeekCode("a string");
        if ((code & 0xe0) == MessagePackCode.FixString)
        {
            _position++;
            return code & 0x1f;
        }

        return code switch
        {
            MessagePackCode.String8 => ReadLength(1, "a string"),
            MessagePackCode.String16 => ReadLength(2, "a string"),
            MessagePackCode.String32 => ReadLength(4, "a string"),
            _ => throw Unexpected("a string", code),
        };
    }

    private long ReadLength(int size, string what)
    {
        var bytes = Take(size + 1, what)[1..];
        return size switch
        {
            1 => bytes[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes),
            _ => BinaryPrimitives.ReadUInt32BigEndian(bytes),
        };
    }

    private readonly int CheckCount(long count, int bytesEach) => count * bytesEach <= Remaining ? (int)count : throw new StreamSerializationException(
        $"A header before byte {_position} announces {count} {(bytesEach == 1 ? "values" : "pairs")}, but only {Remaining} bytes remain. The bytes are damaged or cut off.");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> Take(long size, string what)
    {
        if (size > Remaining)
            throw Ended(what, size);

        var taken = _bytes.Slice(_position, (int)size);
        _position += (int)size;
        return taken;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly byte PeekCode(string what) => _position < _bytes.Length ? _bytes[_position] : throw Ended(what, 1);

    private readonly StreamSerializationException Ended(string what, long size) => new(
        $"Expected {what} of {size} bytes at byte {_position}, but only {Remaining} bytes remain. The bytes are damaged or cut off.");

    private readonly StreamSerializationException Unexpected(string what, byte code) => new(
        $"Expected {what} at byte {_position}, but found {MessagePackCode.KindOf(code)?.ToString().ToLowerInvariant() ?? "no value"} (0x{code:x2}). " +
        "The bytes are damaged, or were written for another type.");

    private readonly StreamSerializationException OutOfRange<TValue, TBound>(TValue value, TBound lowest, TBound highest) => new(
        $"The number {value} before byte {_position} is outside of {lowest} to {highest}. The bytes were written for another type.");

    private readonly StreamSerializationException Inexact(double value) => new(
        $"The number {value:R} before byte {_position} cannot be held exactly by the type that is read. The bytes were written for another type.");
}
