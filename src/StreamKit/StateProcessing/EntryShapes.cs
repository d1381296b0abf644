using StreamKit.State;

namespace StreamKit.StateProcessing;

/// <summary>A state as a caller wants to read it.</summary>
/// <param name="StateName">Its name.</param>
/// <param name="Signature">What it has to be, given the kind that it is stored as: one that it may be read as, or else the nearest.</param>
/// <param name="Declare">Adds its table to an owner.</param>
internal sealed record EntryShape<TEntry>(string StateName, Func<StateKind, StateSignature> Signature, Func<StateSignature, KeyedState, EntryTable<TEntry>> Declare);

/// <summary>The shapes in which state is read with its types.</summary>
internal static class EntryShapes
{
    /// <summary>Value, reducing or aggregating state; of the latter, accumulators.</summary>
    public static EntryShape<T> Values<T>(string stateName, SerializerRegistry serializers) => new(
        Named(stateName),
        kind => StateSignature.Of<T>(stateName, kind is StateKind.List or StateKind.Map or StateKind.ListWithTtl or StateKind.MapWithTtl or StateKind.Timers or StateKind.Window ? StateKind.Value : kind, serializers),
        (signature, owner) => EntryReaders.Values(owner, signature, serializers.Get<T>()));

    /// <summary>List state, each with all of its items.</summary>
    public static EntryShape<IReadOnlyList<T>> Lists<T>(string stateName, SerializerRegistry serializers) => new(
        Named(stateName),
        kind => StateSignature.OfList<T>(stateName, serializers, kind == StateKind.ListWithTtl),
        (signature, owner) => EntryReaders.Lists(owner, signature, serializers.Get<T>()));

    /// <summary>Map state, each with all of its entries.</summary>
    public static EntryShape<IReadOnlyDictionary<TKey, TValue>> Maps<TKey, TValue>(string stateName, SerializerRegistry serializers)
        where TKey : notnull => new(
            Named(stateName),
            kind => StateSignature.OfMap<TKey, TValue>(stateName, serializers, kind == StateKind.MapWithTtl),
            (signature, owner) => EntryReaders.Maps(owner, signature, serializers.GetKey<TKey>(), serializers.Get<TValue>()));

    private static string Named(string stateName)
    {
        ArgumentNullException.ThrowIfNull(stateName);
        return stateName;
    }
}
