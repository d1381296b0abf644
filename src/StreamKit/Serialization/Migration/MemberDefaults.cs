using System.Reflection;
using System.Runtime.CompilerServices;

namespace StreamKit.Serialization;

/// <summary>
/// What members are that were not stored, by reflection: a constructor's parameter its default, a required member the default of its type, any other one
/// what it is in an object made from the defaults of the constructor's parameters. Generated code has the same rules.
/// </summary>
internal sealed class MemberDefaults(ObjectShape shape, object[] serializers)
{
    public void Write(ref MessagePackWriter writer, int member) => ((IValueSerializer)serializers[member]).WriteBoxed(ref writer, Of(member));

    /// <summary>Null for the default of the member's type.</summary>
    private object? Of(int member)
    {
        var (type, info) = (shape.Members[member].Type, shape.Members[member].Info);
        var parameters = shape.Constructor?.GetParameters() ?? [];
        for (var i = 0; i < parameters.Length; i++)
        {
            if (shape.Arguments[i] == member)
                return Of(parameters[i], type);
        }

        if (info.IsDefined(typeof(RequiredMemberAttribute), inherit: false))
            return null;

        var made = shape.Constructor is { } constructor
            ? constructor.Invoke([.. parameters.Select(static each => Of(each, each.ParameterType))])
            : Activator.CreateInstance(shape.Type);
        return info is PropertyInfo property ? property.GetValue(made) : ((FieldInfo)info).GetValue(made);
    }

    private static object? Of(ParameterInfo parameter, Type type)
    {
        if (!parameter.HasDefaultValue || parameter.DefaultValue is not { } value)
            return null;

        // The metadata of a nullable enumeration's default have its number.
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain.IsInstanceOfType(value) ? value : plain.IsEnum ? Enum.ToObject(plain, value) : null;
    }
}
