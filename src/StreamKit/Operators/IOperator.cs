using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>What a task needs of each operator in its chain. All members are called on the task's thread, one at a time.</summary>
internal interface IOperator : IAsyncDisposable
{
    /// <summary>The name under which the operator's state is found again.</summary>
    string Name { get; }

    /// <summary>The keyed state, once opened; null for operators without.</summary>
    KeyedState? Keyed { get; }

    /// <summary>Whether the operator can wait for state: only then may values of its keys be elsewhere than in memory.</summary>
    bool CanWaitForState => false;

    /// <summary>False while the operator keeps what it has received, controls included, because state for it is being loaded.</summary>
    bool IsCaughtUp => true;

    /// <summary>False while the operator can take no more input, because it waits for the outside. It calls <see cref="OperatorServices.Notify"/> when that ends.</summary>
    bool IsReady { get; }

    /// <summary>When <see cref="OnWake"/> is to be called: milliseconds since the Unix epoch, <see cref="long.MaxValue"/> for never.</summary>
    long NextWake { get; }

    /// <summary>Makes functions and registers state; keyed state is loaded after it and before the first record.</summary>
    void Open(OperatorServices services);

    /// <summary>Values of the operator's keys may be elsewhere than in memory from now on; called behind <see cref="Open"/>, if at all, and only if <see cref="CanWaitForState"/>.</summary>
    void OnResidency(Residency residency)
    {
    }

    /// <summary>The clock has reached <see cref="NextWake"/>.</summary>
    void OnWake(long now);
}
