namespace StreamKit.State;

/// <summary>A contiguous range of key groups, both ends inclusive. Empty when <see cref="Last"/> is below <see cref="First"/>.</summary>
/// <param name="First">The first key group of the range.</param>
/// <param name="Last">The last key group of the range.</param>
internal readonly record struct KeyGroupRange(int First, int Last)
{
    /// <summary>The range without any key group.</summary>
    public static KeyGroupRange Empty => new(0, -1);

    public int Count => Last < First ? 0 : Last - First + 1;

    public bool IsEmpty => Last < First;

    public bool Contains(int keyGroup) => keyGroup >= First && keyGroup <= Last;

    /// <summary>The key groups that both ranges hold; <see cref="Empty"/> when there are none.</summary>
    public KeyGroupRange Intersect(KeyGroupRange other)
    {
        var clipped = new KeyGroupRange(Math.Max(First, other.First), Math.Min(Last, other.Last));
        return clipped.IsEmpty ? Empty : clipped;
    }

    public override string ToString() => IsEmpty ? "[]" : $"[{First}..{Last}]";
}
