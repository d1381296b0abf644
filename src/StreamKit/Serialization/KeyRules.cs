using System.Reflection;
using System.Runtime.CompilerServices;

namespace StreamKit.Serialization;

/// <summary>
/// Which types can be keys: those of which values are equal by <c>Equals</c> exactly when their canonical bytes are equal.
/// </summary>
internal static class KeyRules
{
    public const string Remedy = "Key by a string, a number or a tuple of the members instead.";

    /// <summary>What makes a type unfit as a key, or as a part of one; null if nothing.</summary>
    public static string? Problem(TypeShape shape)
    {
        var name = TypeName.Of(shape.Type);
        return shape.Kind switch
        {
            ShapeKind.Custom => $"the type '{name}' has a custom serializer, whose bytes need not be equal for equal keys. {Remedy}",
            ShapeKind.Sequence or ShapeKind.Map => $"the collection '{name}' is not equal to another one with the same content. {Remedy}",
            ShapeKind.Object when !TypeShape.IsTuple(shape.Type) => ObjectProblem(shape, name),
            ShapeKind.Object when shape.Type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>) => $"the type '{name}' has no equality of its own. Key by a tuple instead.",
            _ => null,
        };
    }

    /// <summary>What makes a scalar of .NET unfit as a key although it can be stored; null if the type is another one.</summary>
    public static string? ScalarProblem(Type type)
    {
        if (type == typeof(DateTime))
            return "the type 'DateTime' may be of unknown kind, so that equal times are different instants. Key by a 'DateTimeOffset', or by its 'Ticks'.";

        return ScalarTable.OfValues.Contains(type) && !ScalarTable.OfKeys.Contains(type)
            ? $"the type '{TypeName.Of(type)}' has an equality that differs from that of its bytes. {Remedy}"
            : null;
    }

    private static string? ObjectProblem(TypeShape shape, string name)
    {
        if (shape.LeavesFieldsOut)
            return $"the type '{name}' leaves members out, which its 'Equals' compares. {Remedy}";

        for (var type = shape.Type; type is not null && type != typeof(object) && type != typeof(ValueType); type = type.BaseType)
        {
            // A record's own Equals compares all fields; the compiler marks what it wrote.
            var equals = type.GetMethod(nameof(Equals), BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly, [type]);
            if (equals is null)
                return $"the {(type.IsValueType ? "struct" : "class")} '{TypeName.Of(type)}' is no record, so keys with the same members are not surely equal. Make it a '{(type.IsValueType ? "record struct" : "record")}', or key by a tuple of its members.";
            if (!equals.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false))
                return $"the type '{TypeName.Of(type)}' has an 'Equals' of its own, which may take keys for equal whose bytes differ. {Remedy}";
        }

        return null;
    }
}
