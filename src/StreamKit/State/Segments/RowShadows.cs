namespace StreamKit.State;

/// <summary>
/// What the rows passed by a merge hide from older segments: those of the row at hand's key, each a beginning of its sub-key.
/// Only what the newer ones add is kept, so there are at most as many as segments. Used by one thread at a time.
/// </summary>
internal sealed class RowShadows(int segments)
{
    /// <summary>The age of no shadow, below that of every segment.</summary>
    public const int None = -1;

    // From the shortest to the longest, which is also from the oldest to the newest: each lies within the one before it.
    private Shadow[] _shadows = new Shadow[segments];
    private int _count;
    private int _keyGroup;
    private int _stateId;
    private byte[] _key = new byte[64];
    private int _keyLength;
    private byte[] _longest = new byte[16];

    /// <summary>Begins anew, with rows of so many segments.</summary>
    public void Reset(int segments)
    {
        _count = 0;
        if (_shadows.Length < segments)
        {
            _shadows = new Shadow[segments];
        }
    }

    /// <summary>Goes to a row behind those before, the newest of its key and sub-key, and takes note of what it hides.</summary>
    /// <param name="row">The row.</param>
    /// <param name="age">The place of its segment in the order of age.</param>
    /// <param name="tombstoneAge">The age of the newest tombstone among the older rows with its key and sub-key; <see cref="None"/> without one.</param>
    /// <returns>The age of the newest segment that hides it from older ones: it is in force unless that is greater than its own.</returns>
    public int Pass(in SegmentRow row, int age, int tombstoneAge)
    {
        int hiding = MoveTo(row);
        if (row.IsTombstone || row.SubKey.IsEmpty)
        {
            Add(row, age, isReplaced: false);
        }
        else if (tombstoneAge != None)
        {
            Add(row, tombstoneAge, isReplaced: true);
        }

        return hiding;
    }

    private int MoveTo(in SegmentRow row)
    {
        if (_count > 0 && (row.KeyGroup != _keyGroup || row.StateId != _stateId || !row.Key.SequenceEqual(_key.AsSpan(0, _keyLength))))
        {
            _count = 0;
        }

        while (_count > 0 && !row.SubKey.StartsWith(_longest.AsSpan(0, _shadows[_count - 1].Length)))
        {
            _count--;
        }

        if (_count == 0)
        {
            return None;
        }

        Shadow newest = _shadows[_count - 1];
        return !newest.IsReplaced
            ? newest.Age
            : throw new StreamKitException(
                $"State {row.StateId} has a row at sub-key {Convert.ToHexString(_longest.AsSpan(0, newest.Length))} and another one below it, at {Convert.ToHexString(row.SubKey)}: "
                + "then a deletion of the first one's sub-key cannot be merged. Either the checkpoint is damaged, or this is an error of StreamKit; please report it.");
    }

    /// <summary>Lets the row moved to hide all that older segments have at sub-keys that begin with its own.</summary>
    /// <param name="row">The row.</param>
    /// <param name="age">The place of its segment in the order of age.</param>
    /// <param name="isReplaced">True when a newer segment's value stands where a tombstone hid what is below it.</param>
    private void Add(in SegmentRow row, int age, bool isReplaced)
    {
        if (age == 0 || (_count > 0 && _shadows[_count - 1].Age >= age))
        {
            return;
        }

        if (_count == 0)
        {
            (_keyGroup, _stateId, _keyLength) = (row.KeyGroup, row.StateId, row.Key.Length);
            Copy(row.Key, ref _key);
        }

        Copy(row.SubKey, ref _longest);
        _shadows[_count++] = new Shadow(row.SubKey.Length, age, isReplaced);
    }

    private static void Copy(ReadOnlySpan<byte> bytes, ref byte[] into)
    {
        if (into.Length < bytes.Length)
        {
            into = new byte[Math.Max(bytes.Length, into.Length * 2)];
        }

        bytes.CopyTo(into);
    }

    private readonly record struct Shadow(int Length, int Age, bool IsReplaced);
}
