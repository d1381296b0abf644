namespace StreamKit.StateProcessing;

/// <summary>What a state has for the key at hand.</summary>
/// <returns>False when it has nothing.</returns>
internal delegate bool EntryReader<TEntry>(out TEntry entry);

/// <summary>A state's table as whoever reads stored state uses it, for the key at hand.</summary>
/// <param name="TryRead">Gives what it has.</param>
/// <param name="Clear">Lets go of it.</param>
internal sealed record EntryTable<TEntry>(EntryReader<TEntry> TryRead, Action Clear);
