using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>How a state is found again in a checkpoint: its rows carry the id, the manifest says which name and kind the id stands for.</summary>
/// <param name="Id">Stands in the rows. Given once and never used again for another state of the operator.</param>
/// <param name="Name">The name the user gave it, unique within the operator.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Schema">How it stands in rows; see <see cref="StateSignature.Schema"/>.</param>
internal sealed record StateDescriptor(int Id, string Name, StateKind Kind, TypeSchema Schema);
