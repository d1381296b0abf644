namespace StreamKit.State.Faster;

/// <summary>A local store could not read or write its disk. It answers nothing any more; what was committed is in the checkpoint store.</summary>
internal sealed class LocalStoreFailedException(string store, Exception cause)
    : StreamKitException(
        $"The local state store '{store}' cannot be used any more, since its disk failed: {cause.Message} Look after that disk, or name another folder; the job goes on from its last checkpoint.",
        cause);
