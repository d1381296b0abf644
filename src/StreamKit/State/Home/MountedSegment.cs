namespace StreamKit.State;

/// <summary>A segment as one subtask's state is read through it.</summary>
/// <param name="Segment">The segment, which other subtasks may mount too.</param>
/// <param name="KeyGroups">The key groups that count: what it has of others may be outdated.</param>
/// <param name="SchemaGeneration">Says by which schemas its rows were written.</param>
internal sealed record MountedSegment(HomeSegment Segment, KeyGroupRange KeyGroups, int SchemaGeneration);
