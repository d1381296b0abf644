namespace StreamKit.State;

/// <summary>Says whether a row of a state means nothing any more. On any thread.</summary>
/// <param name="subKey">The row's sub-key.</param>
internal delegate bool IsDeadSubKey(ReadOnlySpan<byte> subKey);
