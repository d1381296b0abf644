using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>The keyed state of an operator in a checkpoint, all its subtasks together, to be read on demand.</summary>
/// <param name="Manifest">The checkpoint.</param>
/// <param name="Stored">What it says of the operator.</param>
/// <param name="Tier">Reads its segments. Its view never changes.</param>
internal sealed record QueriedOperator(CheckpointManifest Manifest, OperatorManifest Stored, HomeTier Tier);
