using System.Reflection;
using StreamKit.Serialization;

namespace StreamKit.Generators.Tests.Serialization;

/// <summary>A serializer whose type is known only at run time.</summary>
internal abstract class AnySerializer
{
    public static AnySerializer For(SerializerRegistry registry, Type type) =>
        (AnySerializer)Activator.CreateInstance(typeof(AnySerializer<>).MakeGenericType(type), BindingFlags.Public | BindingFlags.Instance, null, [registry], null)!;

    public abstract byte[] Write(object? value);

    public abstract object? Read(byte[] bytes);

    /// <summary>What reading comes to: the value written again, or the message of the exception.</summary>
    public string Outcome(byte[] bytes, AnySerializer rewriter)
    {
        try
        {
            return Convert.ToHexString(rewriter.Write(Read(bytes)));
        }
        catch (StreamSerializationException error)
        {
            return error.Message;
        }
    }
}

internal sealed class AnySerializer<T>(SerializerRegistry registry) : AnySerializer
{
    private readonly Serializer<T> _serializer = registry.Get<T>();

    public override byte[] Write(object? value)
    {
        using var buffer = new PooledBufferWriter(16);
        var writer = new MessagePackWriter(buffer);
        _serializer.Write(ref writer, (T)value!);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public override object? Read(byte[] bytes)
    {
        var reader = new MessagePackReader(bytes);
        var value = _serializer.Read(ref reader);
        return reader.Remaining == 0 ? value : throw new StreamSerializationException($"{reader.Remaining} bytes are left over.");
    }
}
