using StreamKit.Elements;

namespace StreamKit.Operators;

/// <summary>An operator whose work can wait until state is loaded. See <see cref="StateGate{T}"/>.</summary>
internal interface IWaitsForState<T>
{
    /// <summary>Has the state loaded that the records of a batch need.</summary>
    /// <returns>False when that takes a while; then <see cref="Take"/> follows when it is done.</returns>
    bool TryPrepare(Batch<T> batch);

    /// <summary>Works on a batch whose state is there; calls <see cref="StateGate{T}.Suspend"/> if something behind its records has to wait.</summary>
    void Take(Batch<T> batch);

    /// <summary>Goes on with what was suspended.</summary>
    /// <returns>False when it has to wait again.</returns>
    bool TryFinish();
}
