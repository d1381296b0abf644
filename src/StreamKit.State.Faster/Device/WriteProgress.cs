namespace StreamKit.State.Faster;

/// <summary>How far writing came.</summary>
internal enum WriteProgress
{
    /// <summary>Everything asked for is written.</summary>
    Done,

    /// <summary>The disk has no room. The write stays queued and may be tried again.</summary>
    DiskFull,

    /// <summary>The store is poisoned, or closed.</summary>
    Stopped,
}
