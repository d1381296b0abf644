using System.Diagnostics;

namespace StreamKit.State;

/// <summary>
/// Which key group a key belongs to, and which subtask owns a key group.
/// Every function here is part of the checkpoint format: changing one loses the state of every job.
/// </summary>
internal static class KeyGroups
{
    /// <summary>The maximum parallelism of a job that names none.</summary>
    public const int DefaultMaxParallelism = 128;

    /// <summary>The largest maximum parallelism: a key group is stored in 16 bits, and products of two stay within 32.</summary>
    public const int LargestMaxParallelism = 32_768;

    /// <summary>
    /// The key group of a key. Uses the high bits of the hash, so that a hash table of one key group's keys can use the low ones.
    /// </summary>
    /// <param name="keyHash">The stable 64-bit hash of the key's canonical bytes.</param>
    /// <param name="maxParallelism">The number of key groups.</param>
    public static int Of(ulong keyHash, int maxParallelism)
    {
        Debug.Assert(maxParallelism is > 0 and <= LargestMaxParallelism);
        return (int)Math.BigMul(keyHash, (ulong)maxParallelism, out _);
    }

    /// <summary>The key groups of one subtask. The ranges of all subtasks are disjoint, in order, and cover every key group.</summary>
    public static KeyGroupRange RangeOf(int subtask, int parallelism, int maxParallelism)
    {
        Debug.Assert(parallelism > 0 && parallelism <= maxParallelism && maxParallelism <= LargestMaxParallelism);
        Debug.Assert(subtask >= 0 && subtask < parallelism);
        int first = ((subtask * maxParallelism) + parallelism - 1) / parallelism;
        int last = (((subtask + 1) * maxParallelism) - 1) / parallelism;
        return new KeyGroupRange(first, last);
    }

    /// <summary>The subtask that owns a key group: the one whose <see cref="RangeOf"/> contains it.</summary>
    public static int SubtaskOf(int keyGroup, int parallelism, int maxParallelism)
    {
        Debug.Assert(keyGroup >= 0 && keyGroup < maxParallelism && parallelism > 0 && parallelism <= maxParallelism);
        return keyGroup * parallelism / maxParallelism;
    }
}
