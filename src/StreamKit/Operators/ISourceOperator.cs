using StreamKit.Elements;

namespace StreamKit.Operators;

/// <summary>What came of asking a source for records.</summary>
internal enum SourceStatus
{
    /// <summary>A batch went down the chain; ask again.</summary>
    Emitted,

    /// <summary>Nothing at the moment; the task is notified when that changes.</summary>
    Waiting,

    /// <summary>All splits have ended and the end went down the chain.</summary>
    Ended,
}

/// <summary>The head of a chain that has no inputs.</summary>
internal interface ISourceOperator : IOperator
{
    /// <summary>Sends at most one batch down the chain.</summary>
    SourceStatus Poll();

    /// <summary>Cuts the positions and sends the barrier down the chain.</summary>
    void Emit(CheckpointBarrier barrier);
}
