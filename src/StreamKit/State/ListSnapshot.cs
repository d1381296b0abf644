using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>An operator list state in a checkpoint, or the part of it that one subtask has.</summary>
/// <param name="Schema">How each item is written.</param>
/// <param name="Items">The items' bytes.</param>
internal sealed record ListSnapshot(TypeSchema Schema, IReadOnlyList<ReadOnlyMemory<byte>> Items);
