namespace StreamKit;

/// <summary>
/// Has the serializer of a class, record or struct made when it is compiled, by the source generator in the package: nothing is left to reflection.
/// The bytes and the schema are those of a type without the attribute.
/// The types of its members, where the same assembly declares them, are served with it.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class StreamTypeAttribute : Attribute;
