namespace StreamKit.State;

/// <summary>The keyed state of one operator and subtask. Owned by the subtask's thread.</summary>
internal abstract class KeyedState
{
    /// <summary>Takes the state as of now, without serializing anything.</summary>
    public abstract KeyedStateCut Cut();
}

/// <summary>The state at a barrier, written behind the job's back.</summary>
internal abstract class KeyedStateCut : IDisposable
{
    public abstract void Dispose();
}
