using System.Reflection;

namespace StreamKit.Serialization;

/// <summary>Reads and writes members by reflection, where no code can be made at run time. Slow, but the bytes are the same.</summary>
internal sealed class ReflectedMembers<T>
{
    private readonly ObjectShape _shape;
    private readonly BoxedSerializer[] _serializers;

    public ReflectedMembers(ObjectShape shape, object[] serializers)
    {
        _shape = shape;
        _serializers = [.. serializers.Select((s, i) => BoxedSerializer.Over(shape.Members[i].Type, s))];
    }

    public void Write(ref MessagePackWriter writer, T value)
    {
        object? boxed = value;
        writer.WriteArrayHeader(_serializers.Length);
        for (var i = 0; i < _serializers.Length; i++)
            _serializers[i].Write(ref writer, Get(_shape.Members[i].Info, boxed));
    }

    public T Read(ref MessagePackReader reader)
    {
        Parts.Expect(ref reader, _serializers.Length, TypeName.Of(typeof(T)));
        var values = new object?[_serializers.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = _serializers[i].Read(ref reader);

        try
        {
            return Make(values);
        }
        catch (TargetInvocationException error) when (error.InnerException is { } cause)
        {
            throw new StreamSerializationException($"'{TypeName.Of(typeof(T))}' refused the values read before byte {reader.Position}: {cause.Message} The bytes are damaged, or the type's own rules have changed.", cause);
        }
    }

    private static object? Get(MemberInfo member, object? target) =>
        member is PropertyInfo property ? property.GetValue(target) : ((FieldInfo)member).GetValue(target);

    private T Make(object?[] values)
    {
        object made = _shape.Constructor is { } constructor
            ? constructor.Invoke([.. _shape.Arguments.Select(a => values[a])])
            : Activator.CreateInstance(_shape.Type) ?? throw new StreamSerializationException($"'{TypeName.Of(_shape.Type)}' cannot be made.");
        for (var i = 0; i < values.Length; i++)
        {
            if (_shape.Arguments.Contains(i))
                continue;

            if (_shape.Members[i].Info is PropertyInfo property)
                property.SetValue(made, values[i]);
            else
                ((FieldInfo)_shape.Members[i].Info).SetValue(made, values[i]);
        }

        return (T)made;
    }
}

/// <summary>A serializer whose type is known only at run time.</summary>
internal abstract class BoxedSerializer
{
    public static BoxedSerializer Over(Type type, object serializer) =>
        (BoxedSerializer)(Activator.CreateInstance(typeof(BoxedSerializer<>).MakeGenericType(type), serializer)
            ?? throw new StreamSerializationException($"The serializer of '{TypeName.Of(type)}' cannot be used by reflection."));

    public abstract void Write(ref MessagePackWriter writer, object? value);

    public abstract object? Read(ref MessagePackReader reader);
}

internal sealed class BoxedSerializer<T>(Serializer<T> serializer) : BoxedSerializer
{
    // The cast of null to a value type cannot happen: its members are never null.
    public override void Write(ref MessagePackWriter writer, object? value) => serializer.Write(ref writer, (T)value!);

    public override object? Read(ref MessagePackReader reader) => serializer.Read(ref reader);
}
