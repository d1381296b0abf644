namespace StreamKit.State;

/// <summary>What is noted of a slot whose key may leave memory.</summary>
[Flags]
internal enum SlotNotes : byte
{
    None = 0,

    /// <summary>A key has the slot.</summary>
    Used = 1,

    /// <summary>Used since the hand of the clock passed.</summary>
    Touched = 2,

    /// <summary>The key's values are in the tiers below, and nowhere else.</summary>
    Away = 4,

    /// <summary>The tiers below may have rows of the key.</summary>
    Below = 8,

    /// <summary>To be looked up below before the slot is used.</summary>
    Missing = 16,
}
