using System.Buffers;
using StreamKit.Serialization;

namespace StreamKit.Tests.State;

internal sealed class LongSerializer : Serializer<long>
{
    public override void Write(ref MessagePackWriter writer, long value) => writer.Write(value);

    public override long Read(ref MessagePackReader reader) => reader.ReadInt64();
}

/// <summary>A class that changes: the state has to serialize it before anyone may touch it.</summary>
internal sealed class Box
{
    public int Content { get; set; }
}

internal sealed class BoxSerializer : Serializer<Box>
{
    /// <summary>A box with this content cannot be written.</summary>
    public const int Broken = -13;

    public override void Write(ref MessagePackWriter writer, Box value)
    {
        if (value.Content == Broken)
            throw new InvalidOperationException("broken box");
        writer.Write(value.Content);
    }

    public override Box Read(ref MessagePackReader reader) => new() { Content = reader.ReadInt32() };
}

/// <summary>Keys whose canonical bytes are those of their values.</summary>
internal sealed class TestKeys<TKey>(Serializer<TKey> values) : KeySerializer<TKey>
{
    public override TypeSchema Schema => TypeSchema.Scalar("test");

    public override void Write(IBufferWriter<byte> output, TKey key)
    {
        var writer = new MessagePackWriter(output);
        values.Write(ref writer, key);
        writer.Flush();
    }

    public override TKey Read(ReadOnlySpan<byte> canonical)
    {
        var reader = new MessagePackReader(canonical);
        return values.Read(ref reader);
    }

    public override ulong Hash(TKey key)
    {
        using var bytes = new PooledBufferWriter();
        Write(bytes, key);
        return KeyHash.OfCanonical(bytes.WrittenSpan);
    }

    public override bool Equals(TKey left, TKey right) => EqualityComparer<TKey>.Default.Equals(left, right);
}

internal sealed record Card(string Bank, int Number);
