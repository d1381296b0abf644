using System.Collections.Immutable;
using System.ComponentModel;

namespace StreamKit.Serialization;

/// <summary>How one type is serialized, as the source generator has found it: its parts, and how its serializer is made without reflection. For generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GeneratedShape
{
    private GeneratedShape(TypeShape shape) => Shape = shape;

    internal TypeShape Shape { get; }

    /// <summary>A class or record.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="code">Writes and reads it; used for one serializer.</param>
    /// <param name="leavesFieldsOut">Whether it has fields that are left out on purpose.</param>
    /// <param name="members">The members in wire order.</param>
    /// <returns>The shape.</returns>
    public static GeneratedShape Class<T>(GeneratedMembers<T> code, bool leavesFieldsOut, params GeneratedMember[] members)
        where T : class =>
        Object(code, leavesFieldsOut, members, static _ => new ClassSerializer<T>());

    /// <summary>A struct.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="code">Writes and reads it; used for one serializer.</param>
    /// <param name="leavesFieldsOut">Whether it has fields that are left out on purpose.</param>
    /// <param name="members">The members in wire order.</param>
    /// <returns>The shape.</returns>
    public static GeneratedShape Struct<T>(GeneratedMembers<T> code, bool leavesFieldsOut, params GeneratedMember[] members)
        where T : struct =>
        Object(code, leavesFieldsOut, members, static _ => new StructSerializer<T>());

    /// <summary>An enumeration.</summary>
    /// <typeparam name="T">The enumeration.</typeparam>
    /// <typeparam name="TNumber">The type of its numbers.</typeparam>
    /// <returns>The shape.</returns>
    public static GeneratedShape Enumeration<T, TNumber>()
        where T : struct, Enum
        where TNumber : struct =>
        Container(typeof(T), ShapeKind.Enumeration, [typeof(TNumber)], static parts => new EnumSerializer<T, TNumber>((Serializer<TNumber>)parts[0]));

    /// <summary>A struct or nothing.</summary>
    /// <typeparam name="T">The struct.</typeparam>
    /// <returns>The shape.</returns>
    public static GeneratedShape Nullable<T>()
        where T : struct =>
        Container(typeof(T?), ShapeKind.Nullable, [typeof(T)], static parts => new NullableSerializer<T>((Serializer<T>)parts[0]));

    /// <summary>An immutable array.</summary>
    /// <typeparam name="T">Its elements.</typeparam>
    /// <returns>The shape.</returns>
    public static GeneratedShape ImmutableArray<T>() =>
        Container(typeof(ImmutableArray<T>), ShapeKind.Sequence, [typeof(T)], static parts => new ImmutableArraySerializer<T>((Serializer<T>)parts[0]));

    /// <summary>Any other sequence of docs/serialization.md.</summary>
    /// <typeparam name="TSequence">The sequence.</typeparam>
    /// <typeparam name="T">Its elements.</typeparam>
    /// <returns>The shape.</returns>
    public static GeneratedShape Sequence<TSequence, T>()
        where TSequence : class, IEnumerable<T> =>
        Container(typeof(TSequence), ShapeKind.Sequence, [typeof(T)], static parts => GeneratedCollections.Sequence<TSequence, T>((Serializer<T>)parts[0]));

    /// <summary>A map of docs/serialization.md.</summary>
    /// <typeparam name="TMap">The map.</typeparam>
    /// <typeparam name="TKey">Its keys.</typeparam>
    /// <typeparam name="TValue">Its values.</typeparam>
    /// <returns>The shape.</returns>
    public static GeneratedShape Map<TMap, TKey, TValue>()
        where TMap : class, IEnumerable<KeyValuePair<TKey, TValue>>
        where TKey : notnull =>
        Container(
            typeof(TMap),
            ShapeKind.Map,
            [typeof(TKey), typeof(TValue)],
            static parts => GeneratedCollections.Map<TMap, TKey, TValue>((Serializer<TKey>)parts[0], (Serializer<TValue>)parts[1]));

    private static GeneratedShape Object<T>(GeneratedMembers<T> code, bool leavesFieldsOut, GeneratedMember[] members, Func<object[], object> make)
    {
        ArgumentNullException.ThrowIfNull(code);
        ArgumentNullException.ThrowIfNull(members);
        return new(new TypeShape(typeof(T), ShapeKind.Object, [.. members.Select(static m => m.Type)])
        {
            Generated = code,
            Make = make,
            MemberNames = [.. members.Select(static m => m.Name)],
            Histories = [.. members.Select(static m => m is { FormerNames: null, IsNew: false } ? MemberHistory.None : new MemberHistory(m.FormerNames ?? [], m.IsNew))],
            LeavesFieldsOut = leavesFieldsOut,
        });
    }

    private static GeneratedShape Container(Type type, ShapeKind kind, Type[] parts, Func<object[], object> make) =>
        new(new TypeShape(type, kind, parts) { Make = make });
}
