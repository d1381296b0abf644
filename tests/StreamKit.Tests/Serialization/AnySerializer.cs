using System.Reflection;

namespace StreamKit.Tests.Serialization;

/// <summary>A serializer whose type is known only at run time.</summary>
internal abstract class AnySerializer
{
    public static AnySerializer For(SerializerRegistry registry, Type type) =>
        (AnySerializer)Activator.CreateInstance(typeof(AnySerializer<>).MakeGenericType(type), BindingFlags.Public | BindingFlags.Instance, null, [registry], null)!;

    public abstract byte[] Write(object? value);

    public abstract object? Read(byte[] bytes);
}

internal sealed class AnySerializer<T>(SerializerRegistry registry) : AnySerializer
{
    private readonly Serializer<T> _serializer = registry.Get<T>();

    public override byte[] Write(object? value) => Wire.Write((ref w) => _serializer.Write(ref w, (T)value!));

    public override object? Read(byte[] bytes)
    {
        var reader = new MessagePackReader(bytes);
        var value = _serializer.Read(ref reader);
        return reader.Remaining == 0 ? value : throw new StreamSerializationException($"{reader.Remaining} bytes are left over.");
    }
}
