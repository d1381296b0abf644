namespace StreamKit;

/// <summary>What a checkpoint or savepoint says of an operator.</summary>
/// <param name="Name">The operator's name.</param>
/// <param name="Parallelism">The number of its subtasks when the checkpoint was taken.</param>
/// <param name="Watermark">The lowest watermark of its subtasks, in milliseconds since the Unix epoch; <see cref="long.MinValue"/> before the first, <see cref="long.MaxValue"/> at the end of input.</param>
/// <param name="KeyType">How its keys are encoded, for people; null without keyed state.</param>
/// <param name="States">Its keyed states.</param>
/// <param name="Lists">Its operator lists; for a source, the positions of its splits.</param>
/// <param name="Bytes">The length of the segments that its keyed state is stored in, outdated rows included.</param>
public sealed record StoredOperator(
    string Name,
    int Parallelism,
    long Watermark,
    string? KeyType,
    IReadOnlyList<StoredKeyedState> States,
    IReadOnlyList<StoredList> Lists,
    long Bytes);

/// <summary>What a checkpoint or savepoint says of a keyed state.</summary>
/// <param name="Name">Its name within the operator. Names that begin with <c>$</c> are the engine's own: timers and windows.</param>
/// <param name="Kind">What it is: value, list, map, reducing, aggregating, timers or window.</param>
/// <param name="Type">How its values are encoded, for people.</param>
public sealed record StoredKeyedState(string Name, string Kind, string Type);

/// <summary>What a checkpoint or savepoint says of an operator list.</summary>
/// <param name="Name">Its name within the operator.</param>
/// <param name="Type">How its items are encoded, for people.</param>
/// <param name="Items">The number of its items, those of all subtasks.</param>
/// <param name="Bytes">Their length.</param>
/// <param name="IsUnion">Whether a restore gives all items to each subtask, instead of dealing them out.</param>
public sealed record StoredList(string Name, string Type, int Items, long Bytes, bool IsUnion);

/// <summary>The live rows of a state in a key group.</summary>
/// <param name="State">The state.</param>
/// <param name="KeyGroup">The key group.</param>
/// <param name="Rows">The number of rows. A value is one row; lists and maps have one or more per key.</param>
/// <param name="Bytes">The bytes of their keys and values.</param>
public readonly record struct KeyGroupSize(string State, int KeyGroup, long Rows, long Bytes);

/// <summary>A timer in a checkpoint or savepoint.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <param name="Key">The key that it was registered for.</param>
/// <param name="Domain">By which time it fires.</param>
/// <param name="Timestamp">When, in milliseconds since the Unix epoch.</param>
public readonly record struct StoredTimer<TKey>(TKey Key, TimeDomain Domain, long Timestamp);

/// <summary>What a key has in a slice of time: a tumbling window is one slice, sliding windows share theirs.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TAcc">The type of the accumulators.</typeparam>
/// <param name="Key">The key.</param>
/// <param name="Start">The beginning of the slice, in milliseconds since the Unix epoch.</param>
/// <param name="Accumulator">What has been taken up.</param>
public readonly record struct StoredSlice<TKey, TAcc>(TKey Key, long Start, TAcc Accumulator);

/// <summary>An entry of keyed state as JSON, decoded by the types that the checkpoint names: nothing of the job is needed.</summary>
/// <param name="State">The state.</param>
/// <param name="Kind">Its kind, as in <see cref="StoredKeyedState.Kind"/>.</param>
/// <param name="KeyGroup">The key group of the key.</param>
/// <param name="Key">The key, as JSON.</param>
/// <param name="Value">What the state has for the key, as JSON; of timers and windows, one row each.</param>
public sealed record StoredEntry(string State, string Kind, int KeyGroup, string Key, string Value);
