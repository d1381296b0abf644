using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using StreamKit.Serialization;

namespace StreamKit;

/// <summary>
/// Writes MessagePack into a buffer, every value in its shortest encoding.
/// It writes ahead into a piece of the buffer: bytes arrive there only with <see cref="Flush"/>, so flush before the buffer is read.
/// Always passed by reference.
/// </summary>
public ref struct MessagePackWriter
{
    private const int MaxHeader = 5;

    // A string is encoded in one pass into three bytes per char; longer ones are measured first, so that the buffer does not grow threefold.
    private const int LongString = 4096;

    private readonly IBufferWriter<byte> _output;
    private Span<byte> _span;
    private int _used;
    private int _depth;

    /// <summary>Creates a writer.</summary>
    /// <param name="output">Where the bytes go; the caller owns it, and nobody else writes to it until <see cref="Flush"/>.</param>
    public MessagePackWriter(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
    }

    /// <summary>Hands everything written so far to the buffer. The writer can be used further.</summary>
    public void Flush()
    {
        if (_used > 0)
            _output.Advance(_used);

        _span = default;
        _used = 0;
    }

    /// <summary>Writes the absent value.</summary>
    public void WriteNil() => WriteCode(MessagePackCode.Nil);

    /// <summary>Writes true or false.</summary>
    /// <param name="value">The value.</param>
    public void Write(bool value) => WriteCode(value ? MessagePackCode.True : MessagePackCode.False);

    /// <summary>Writes a whole number: 1, 2, 3 or 5 bytes.</summary>
    /// <param name="value">The value.</param>
    public void Write(int value) => Write((long)value);

    /// <summary>Writes a whole number: 1, 2, 3, 5 or 9 bytes.</summary>
    /// <param name="value">The value.</param>
    public void Write(long value)
    {
        if (value >= 0)
            Write((ulong)value);
        else
            WriteNegative(value);
    }

    /// <summary>Writes a whole number: 1, 2, 3, 5 or 9 bytes.</summary>
    /// <param name="value">The value.</param>
    public void Write(ulong value)
    {
        ref var start = ref Reserve(9);
        if (value <= MessagePackCode.MaxPositiveFixInt)
        {
            start = (byte)value;
            _used += 1;
        }
        else if (value <= byte.MaxValue)
        {
            start = MessagePackCode.UInt8;
            Unsafe.Add(ref start, 1) = (byte)value;
            _used += 2;
        }
        else if (value <= ushort.MaxValue)
        {
            Put(ref start, MessagePackCode.UInt16, (ushort)value);
        }
        else if (value <= uint.MaxValue)
        {
            Put(ref start, MessagePackCode.UInt32, (uint)value);
        }
        else
        {
            Put(ref start, MessagePackCode.UInt64, value);
        }
    }

    /// <summary>Writes a number in 5 bytes.</summary>
    /// <param name="value">The value; every NaN keeps its bits.</param>
    public void Write(float value) => Put(ref Reserve(5), MessagePackCode.Float32, BitConverter.SingleToUInt32Bits(value));

    /// <summary>Writes a number in 9 bytes.</summary>
    /// <param name="value">The value; every NaN keeps its bits.</param>
    public void Write(double value) => Put(ref Reserve(9), MessagePackCode.Float64, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Writes text, or the absent value for null.</summary>
    /// <param name="value">The text.</param>
    /// <exception cref="StreamSerializationException">The text has half a surrogate pair, which UTF-8 cannot express.</exception>
    public void Write(string? value)
    {
        if (value is null)
            WriteNil();
        else
            WriteString(value);
    }

    /// <summary>Writes bytes.</summary>
    /// <param name="value">The bytes.</param>
    public void Write(scoped ReadOnlySpan<byte> value)
    {
        ref var start = ref Reserve(checked(value.Length + MaxHeader));
        if (value.Length <= byte.MaxValue)
        {
            start = MessagePackCode.Binary8;
            Unsafe.Add(ref start, 1) = (byte)value.Length;
            _used += 2;
        }
        else if (value.Length <= ushort.MaxValue)
        {
            Put(ref start, MessagePackCode.Binary16, (ushort)value.Length);
        }
        else
        {
            Put(ref start, MessagePackCode.Binary32, (uint)value.Length);
        }

        Append(value);
    }

    /// <summary>Writes text.</summary>
    /// <param name="value">The text.</param>
    /// <exception cref="StreamSerializationException">The text has half a surrogate pair, which UTF-8 cannot express.</exception>
    public void WriteString(scoped ReadOnlySpan<char> value)
    {
        var most = value.Length <= LongString ? value.Length * 3 : Encoding.UTF8.GetByteCount(value);
        Reserve(checked(most + MaxHeader));
        var room = _span[_used..];

        // The header is first guessed as if all text were ASCII, which most of it is.
        var guess = StringHeaderSize(value.Length);
        if (Utf8.FromUtf16(value, room[guess..], out _, out var count, replaceInvalidSequences: false) != OperationStatus.Done)
            throw LoneSurrogate(value);

        var header = StringHeaderSize(count);
        if (header != guess)
            room.Slice(guess, count).CopyTo(room[header..]);

        PutStringHeader(ref MemoryMarshal.GetReference(room), count);
        _used += count;
    }

    /// <summary>Writes text that is UTF-8 already.</summary>
    /// <param name="value">The text; valid UTF-8 is the caller's promise.</param>
    public void WriteStringUtf8(scoped ReadOnlySpan<byte> value)
    {
        PutStringHeader(ref Reserve(checked(value.Length + MaxHeader)), value.Length);
        Append(value);
    }

    /// <summary>Begins a sequence: exactly <paramref name="count"/> values follow.</summary>
    /// <param name="count">The number of values, not negative.</param>
    public void WriteArrayHeader(int count) =>
        WriteContainerHeader(count, MessagePackCode.FixArray, MessagePackCode.Array16, MessagePackCode.Array32);

    /// <summary>Begins a sequence of pairs: exactly <paramref name="count"/> keys, each followed by its value, follow.</summary>
    /// <param name="count">The number of pairs, not negative.</param>
    public void WriteMapHeader(int count) =>
        WriteContainerHeader(count, MessagePackCode.FixMap, MessagePackCode.Map16, MessagePackCode.Map32);

    /// <summary>Writes bytes with a type number.</summary>
    /// <param name="type">The type: 0 to 127 are free for applications, negative ones belong to the format.</param>
    /// <param name="value">The bytes.</param>
    public void WriteExtension(sbyte type, scoped ReadOnlySpan<byte> value)
    {
        ref var start = ref Reserve(checked(value.Length + 6));
        if (value.Length is 1 or 2 or 4 or 8 or 16)
        {
            start = (byte)(MessagePackCode.FixExtension1 + BitOperations.Log2((uint)value.Length));
            _used += 1;
        }
        else if (value.Length <= byte.MaxValue)
        {
            start = MessagePackCode.Extension8;
            Unsafe.Add(ref start, 1) = (byte)value.Length;
            _used += 2;
        }
        else if (value.Length <= ushort.MaxValue)
        {
            Put(ref start, MessagePackCode.Extension16, (ushort)value.Length);
        }
        else
        {
            Put(ref start, MessagePackCode.Extension32, (uint)value.Length);
        }

        _span[_used++] = (byte)type;
        Append(value);
    }

    /// <summary>Writes an instant as the format's timestamp extension: 6 bytes for whole seconds from 1970 to 2106, else 10 up to 2514, else 15.</summary>
    /// <param name="instant">The instant; its kind must be <see cref="DateTimeKind.Utc"/>.</param>
    /// <exception cref="StreamSerializationException">The kind is another.</exception>
    public void WriteTimestamp(DateTime instant)
    {
        if (instant.Kind != DateTimeKind.Utc)
            throw new StreamSerializationException($"A timestamp is an instant in UTC, but '{instant:O}' has the kind '{instant.Kind}'. Convert it to UTC first.");

        Span<byte> bytes = stackalloc byte[12];
        WriteExtension(MessagePackCode.Timestamp, bytes[..MessagePackTimestamp.Encode(instant.Ticks, bytes)]);
    }

    /// <summary>Writes bytes that are MessagePack already.</summary>
    /// <param name="messagePack">One or more whole values, or a part of one that the caller completes.</param>
    public void WriteRaw(scoped ReadOnlySpan<byte> messagePack)
    {
        Reserve(messagePack.Length);
        Append(messagePack);
    }

    /// <summary>Call before writing the members of a value that may contain values of its own type; <see cref="LeaveDepth"/> follows.</summary>
    /// <exception cref="StreamSerializationException">More than 128 levels: the value most likely refers to itself.</exception>
    public void EnterDepth()
    {
        if (++_depth > MessagePackCode.MaxDepth)
            throw TooDeep();
    }

    /// <summary>Call after the members were written.</summary>
    public void LeaveDepth() => _depth--;

    private static int StringHeaderSize(int count) => count switch
    {
        <= 31 => 1,
        <= byte.MaxValue => 2,
        <= ushort.MaxValue => 3,
        _ => 5,
    };

    private void WriteNegative(long value)
    {
        ref var start = ref Reserve(9);
        if (value >= -32)
        {
            start = (byte)value;
            _used += 1;
        }
        else if (value >= sbyte.MinValue)
        {
            start = MessagePackCode.Int8;
            Unsafe.Add(ref start, 1) = (byte)value;
            _used += 2;
        }
        else if (value >= short.MinValue)
        {
            Put(ref start, MessagePackCode.Int16, (ushort)value);
        }
        else if (value >= int.MinValue)
        {
            Put(ref start, MessagePackCode.Int32, (uint)value);
        }
        else
        {
            Put(ref start, MessagePackCode.Int64, (ulong)value);
        }
    }

    private void WriteContainerHeader(int count, byte fix, byte code16, byte code32)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ref var start = ref Reserve(MaxHeader);
        if (count <= 15)
        {
            start = (byte)(fix | count);
            _used += 1;
        }
        else if (count <= ushort.MaxValue)
        {
            Put(ref start, code16, (ushort)count);
        }
        else
        {
            Put(ref start, code32, (uint)count);
        }
    }

    private void PutStringHeader(ref byte start, int count)
    {
        if (count <= 31)
        {
            start = (byte)(MessagePackCode.FixString | count);
            _used += 1;
        }
        else if (count <= byte.MaxValue)
        {
            start = MessagePackCode.String8;
            Unsafe.Add(ref start, 1) = (byte)count;
            _used += 2;
        }
        else if (count <= ushort.MaxValue)
        {
            Put(ref start, MessagePackCode.String16, (ushort)count);
        }
        else
        {
            Put(ref start, MessagePackCode.String32, (uint)count);
        }
    }

    private void WriteCode(byte code)
    {
        Reserve(1) = code;
        _used++;
    }

    private void Append(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_span[_used..]);
        _used += bytes.Length;
    }

    private void Put(ref byte start, byte code, ushort value)
    {
        start = code;
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref start, 1), BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
        _used += 3;
    }

    private void Put(ref byte start, byte code, uint value)
    {
        start = code;
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref start, 1), BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
        _used += 5;
    }

    private void Put(ref byte start, byte code, ulong value)
    {
        start = code;
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref start, 1), BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
        _used += 9;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref byte Reserve(int size)
    {
        if (_span.Length - _used < size)
            Renew(size);

        return ref Unsafe.Add(ref MemoryMarshal.GetReference(_span), _used);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Renew(int size)
    {
        Flush();
        _span = _output.GetSpan(size);
    }

    private static StreamSerializationException TooDeep() => new(
        $"The value nests deeper than {MessagePackCode.MaxDepth} levels, most likely because it refers to itself. " +
        "StreamKit writes trees, not graphs: refer to other objects by a key, or register a custom serializer.");

    internal static StreamSerializationException LoneSurrogate(ReadOnlySpan<char> value)
    {
        var at = 0;
        while (Rune.DecodeFromUtf16(value[at..], out _, out var consumed) == OperationStatus.Done)
            at += consumed;

        return new StreamSerializationException(
            $"A string of {value.Length} chars has half a surrogate pair (U+{(int)value[at]:X4}) at index {at}, which UTF-8 cannot express. " +
            "Cut text between whole characters, or keep such data as bytes.");
    }
}
