namespace StreamKit.State.Faster;

/// <summary>A moment of a store: every row written before it lies below the tail, and none below it changes any more.</summary>
/// <param name="Number">Counts the cuts of the store, from 1.</param>
/// <param name="Tail">The end of the log at that moment.</param>
internal readonly record struct LocalCut(long Number, long Tail);
