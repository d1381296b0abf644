using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Graph;

/// <summary>What is known of an operator's keyed state before the operator opens.</summary>
/// <param name="Key">How its keys are encoded.</param>
/// <param name="States">The states that it declares by itself; those that user code declares while it opens are not among them.</param>
internal sealed record KeyedStateDeclaration(Func<SerializerRegistry, TypeSchema> Key, Func<SerializerRegistry, IReadOnlyList<StateSignature>> States);
