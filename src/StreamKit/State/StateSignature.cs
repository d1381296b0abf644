using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>What an operator declares of one keyed state. A checkpoint's state of that name is taken over if its kind is the same and its values can be read as these.</summary>
/// <param name="Name">The name, unique within the operator.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Schema">How it stands in rows: the value's form, for a list a sequence of its items, for a map its keys and values.</param>
internal sealed record StateSignature(string Name, StateKind Kind, TypeSchema Schema)
{
    /// <summary>Whether each row says when what is in it expires.</summary>
    public bool IsTimed => Kind is StateKind.ValueWithTtl or StateKind.ReducingWithTtl or StateKind.AggregatingWithTtl or StateKind.ListWithTtl or StateKind.MapWithTtl;

    /// <summary>A state with one value per key.</summary>
    public static StateSignature Of<T>(string name, StateKind kind, SerializerRegistry serializers) => new(name, kind, serializers.GetSchema(typeof(T)));

    /// <summary>A list per key.</summary>
    public static StateSignature OfList<T>(string name, SerializerRegistry serializers, bool isTimed = false) =>
        new(name, isTimed ? StateKind.ListWithTtl : StateKind.List, TypeSchema.SequenceOf(serializers.GetSchema(typeof(T))));

    /// <summary>A map per key.</summary>
    public static StateSignature OfMap<TKey, TValue>(string name, SerializerRegistry serializers, bool isTimed = false)
        where TKey : notnull => new(name, isTimed ? StateKind.MapWithTtl : StateKind.Map, TypeSchema.MapOf(serializers.GetKey<TKey>().Schema, serializers.GetSchema(typeof(TValue))));

    /// <summary>Why this state cannot take over what a checkpoint holds under its name as another kind of state; null when it is the same.</summary>
    public string? WhyNotOfKind(StateKind stored) => stored == Kind
        ? null
        : $"State '{Name}' is {stored} state in the checkpoint, but the operator declares it as {Kind} state. Declare it as it was, or give the new state another name.";

    /// <summary>Why this state cannot take over what a checkpoint holds under its name; null when it can.</summary>
    public string? WhyNot(StateDescriptor stored) =>
        WhyNotOfKind(stored.Kind) ?? SchemaMigration.Of(stored.Schema, Schema).WhyNot($"State '{Name}'", "in the checkpoint");
}
