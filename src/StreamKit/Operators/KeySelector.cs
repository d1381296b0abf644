namespace StreamKit.Operators;

/// <summary>Takes the keys out of records, a batch at a time. Without state, so it is shared by all subtasks.</summary>
/// <param name="loop">Calls the user's function.</param>
internal sealed class KeySelector<T, TKey>(IMapLoop<T, TKey> loop)
    where TKey : notnull
{
    public static KeySelector<T, TKey> Of(Func<T, TKey> function) =>
        new(JitSites.Create<IMapLoop<T, TKey>>(() => new MapDelegate<T, TKey, SharedSite>(function), function, function));

    /// <param name="values">The records.</param>
    /// <param name="keys">Receives their keys, as many.</param>
    /// <param name="at">The record at hand, for whoever catches an exception.</param>
    /// <exception cref="StreamKitException">A key is null.</exception>
    public void Select(ReadOnlySpan<T> values, Span<TKey> keys, ref int at)
    {
        loop.Run(values, keys, ref at);
        if (default(TKey) is not null)
            return;
        for (at = 0; at < values.Length; at++)
        {
            if (keys[at] is null)
                throw new StreamKitException("The key selector returned null. Keys must not be null: filter such records out, or map them to a key of their own.");
        }
    }
}
