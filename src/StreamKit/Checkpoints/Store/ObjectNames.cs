using System.Buffers;

namespace StreamKit.Checkpoints;

/// <summary>The rule for names in an <see cref="ICheckpointStore"/>: what every file system and object store takes as it is.</summary>
internal static class ObjectNames
{
    public const int MaxLength = 512;
    public const int MaxPartLength = 200;

    private static readonly SearchValues<char> s_allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    public static bool IsValid(string name) => Fault(name) is null;

    public static void ThrowIfInvalid(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Fault(name) is { } fault)
        {
            throw new StreamKitException(
                $"'{name}' is not a name of a stored object: {fault}. Expected parts of ASCII letters, digits, '-', '_' and '.', separated by '/'.");
        }
    }

    /// <summary>A prefix may end anywhere in a name, so only what could lead out of the location is refused.</summary>
    public static void ThrowIfInvalidPrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (prefix.Length > 0 && Fault(prefix[^1] is '/' or '.' ? prefix + "x" : prefix) is { } fault)
        {
            throw new StreamKitException($"'{prefix}' is not a prefix of names of stored objects: {fault}.");
        }
    }

    private static string? Fault(string name)
    {
        if (name.Length is 0 or > MaxLength)
        {
            return $"it has {name.Length} characters, expected 1 to {MaxLength}";
        }

        foreach (Range range in name.AsSpan().Split('/'))
        {
            ReadOnlySpan<char> part = name.AsSpan(range);
            if (part.Length is 0 or > MaxPartLength)
            {
                return $"a part has {part.Length} characters, expected 1 to {MaxPartLength}";
            }

            if (part[0] == '.' || part[^1] == '.')
            {
                return $"the part '{part}' begins or ends with a dot";
            }

            int other = part.IndexOfAnyExcept(s_allowed);
            if (other >= 0)
            {
                return $"the part '{part}' contains U+{(int)part[other]:X4}";
            }
        }

        return null;
    }
}
