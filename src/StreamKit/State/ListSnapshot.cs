using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>An operator list state in a checkpoint, or the part of it that one subtask has.</summary>
/// <param name="Schema">How each item is written.</param>
/// <param name="Items">The items' bytes.</param>
/// <param name="IsUnion">Whether a restore gives all items of all subtasks to each, instead of dealing them out.</param>
internal sealed record ListSnapshot(TypeSchema Schema, IReadOnlyList<ReadOnlyMemory<byte>> Items, bool IsUnion = false);
