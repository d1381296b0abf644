namespace StreamKit.Checkpoints;

/// <summary>The key of a keyed operator, as a checkpoint describes it.</summary>
/// <param name="Fingerprint">Changes whenever keys are encoded differently.</param>
/// <param name="Schema">What the key is made of, in words.</param>
internal sealed record KeyDescription(ulong Fingerprint, string Schema);
