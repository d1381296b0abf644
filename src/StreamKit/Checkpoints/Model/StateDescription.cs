namespace StreamKit.Checkpoints;

/// <summary>A state of an operator, as a checkpoint describes it.</summary>
/// <param name="Id">The number under which the rows are stored; never given to another state of the operator.</param>
/// <param name="Name">The name the user gave it.</param>
/// <param name="Kind">What it is: <c>value</c>, <c>list</c>, <c>map</c>, and so on.</param>
/// <param name="Schema">What it holds, readable.</param>
internal sealed record StateDescription(int Id, string Name, string Kind, ReadOnlyMemory<byte> Schema);

/// <summary>The key of a keyed operator, as a checkpoint describes it.</summary>
/// <param name="Fingerprint">Changes whenever keys are encoded differently.</param>
/// <param name="Schema">What the key is made of, readable.</param>
internal sealed record KeyDescription(ulong Fingerprint, ReadOnlyMemory<byte> Schema);
