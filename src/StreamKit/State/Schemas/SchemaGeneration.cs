using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// The schemas of an operator's states between two changes of its types. Each segment is written in one of them, and keeps it until it is merged: rows are not
/// rewritten because a type has changed.
/// </summary>
/// <param name="Number">Counts up from 0 in the life of the job.</param>
/// <param name="Schemas">How rows are written, by state id.</param>
internal sealed record SchemaGeneration(int Number, IReadOnlyDictionary<int, TypeSchema> Schemas);

/// <summary>What a checkpoint says of the schemas of an operator's states.</summary>
/// <param name="Newest">The number of the generation that its <see cref="StateDescriptor"/>s are of.</param>
/// <param name="Older">Those before, as far as segments are written in them.</param>
internal sealed record StoredSchemas(int Newest, IReadOnlyList<SchemaGeneration> Older)
{
    /// <summary>Those of an operator whose types have never changed.</summary>
    public static StoredSchemas First { get; } = new(0, []);
}
