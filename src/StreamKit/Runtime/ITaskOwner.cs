namespace StreamKit.Runtime;

/// <summary>What a task reports, on its own thread. The owner must not block it.</summary>
internal interface ITaskOwner
{
    /// <summary>A failure; the task stops by itself.</summary>
    void OnFailure(StreamTask task, Exception cause);

    /// <summary>All input has ended and the end has passed the chain. Barriers still pass.</summary>
    void OnEnded(StreamTask task);

    /// <summary>A cut is ready to be written.</summary>
    void OnSnapshot(StreamTask task, TaskSnapshot snapshot);
}
