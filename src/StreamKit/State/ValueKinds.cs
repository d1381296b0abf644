using System.Collections.Concurrent;
using System.Numerics;
using System.Reflection;
using System.Text;

namespace StreamKit.State;

/// <summary>
/// Which types are known to be immutable: a value that was handed out stays as it is until it is stored again.
/// Everything else is taken to change whenever user code has seen it.
/// </summary>
/// <remarks>
/// Known are primitives, strings and the other plain values of the base library; structs of such fields only (a struct is handed out as a
/// copy, so its fields need not be read-only); and sealed classes, records among them, all of whose fields are read-only and of such types.
/// An unsealed record is not: a derived one may add a setter.
/// </remarks>
internal static class ValueKinds
{
    private static readonly HashSet<Type> Known =
    [
        typeof(string), typeof(decimal), typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly),
        typeof(TimeOnly), typeof(Int128), typeof(UInt128), typeof(Half), typeof(BigInteger), typeof(Complex), typeof(Version), typeof(Uri),
        typeof(Rune),
    ];

    private static readonly ConcurrentDictionary<Type, bool> Results = new();

    /// <summary>Whether values of a type are known to be immutable.</summary>
    public static bool IsImmutable(Type type) => Results.GetOrAdd(type, static type => IsImmutableSoFar(type, []));

    /// <summary>The answer for a type, which the JIT takes for a constant.</summary>
    internal static class Of<T>
    {
        public static readonly bool AreImmutable = IsImmutable(typeof(T));
    }

    private static bool IsImmutableSoFar(Type type, HashSet<Type> asked)
    {
        if (type.IsPrimitive || type.IsEnum || Known.Contains(type))
            return true;
        if (type.IsPointer || type.IsArray || type.IsInterface || typeof(Delegate).IsAssignableFrom(type))
            return false;
        if (!type.IsValueType && !type.IsSealed)
            return false;
        if (!asked.Add(type))
            return true; // a type that contains itself is as immutable as its other fields, which are being asked about

        for (Type? declaring = type; declaring is not null && declaring != typeof(object) && declaring != typeof(ValueType); declaring = declaring.BaseType)
        {
            const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
            foreach (FieldInfo field in declaring.GetFields(Fields))
            {
                if ((!type.IsValueType && !field.IsInitOnly) || !IsImmutableSoFar(field.FieldType, asked))
                    return false;
            }
        }

        return true;
    }
}
