using Microsoft.Extensions.Logging;
using StreamKit.Operators;

namespace StreamKit;

/// <summary>What a function learns when it is opened: its place in the job, and its state.</summary>
public sealed class OperatorContext
{
    private readonly OperatorServices _services;
    private readonly KeyedStateContext? _state;

    internal OperatorContext(OperatorServices services, KeyedStateContext? state)
    {
        _services = services;
        _state = state;
        Lists = new OperatorLists(services);
    }

    /// <summary>The job's name.</summary>
    public string JobName => _services.JobName;

    /// <summary>The operator's name.</summary>
    public string OperatorName => _services.OperatorName;

    /// <summary>This subtask, from 0.</summary>
    public int Subtask => _services.Subtask;

    /// <summary>The number of subtasks of the operator.</summary>
    public int Parallelism => _services.Parallelism;

    /// <summary>The job's clock. Results that depend on it differ when records are replayed.</summary>
    public TimeProvider TimeProvider => _services.TimeProvider;

    /// <summary>The job's logger.</summary>
    public ILogger Logger => _services.Logger;

    /// <summary>The state of the key at hand. Ask for handles here, in <c>Open</c>; use them while a record or timer is processed.</summary>
    /// <exception cref="StreamKitException">The stream is not keyed.</exception>
    public KeyedStateContext State => _state ?? throw new StreamKitException($"Operator '{OperatorName}' has no keyed state because its input is not keyed. Call KeyBy before it, or use ListState for state of the subtask.");

    internal OperatorLists Lists { get; }

    /// <summary>A list that belongs to the subtask rather than to a key.</summary>
    /// <typeparam name="T">The item type; must be serializable.</typeparam>
    /// <param name="name">The name, unique in the operator.</param>
    /// <returns>The list, with what was restored.</returns>
    public OperatorListState<T> ListState<T>(string name) => Lists.Get<T>(name, isUnion: false);

    /// <summary>
    /// A list that belongs to the subtask rather than to a key, and of which each subtask is given all items of all subtasks when it is restored, in the order of these, at whatever parallelism.
    /// </summary>
    /// <remarks>
    /// For what every subtask needs to know of the others, or picks its own part from. Each subtask keeps what it leaves in the list: if all leave all, each restore multiplies the items by the
    /// number of subtasks. So take what is this subtask's out of the restored items, and keep that.
    /// </remarks>
    /// <typeparam name="T">The item type; must be serializable.</typeparam>
    /// <param name="name">The name, unique in the operator. A list is not restored as a union list if it was stored as another, nor the other way round: that is refused.</param>
    /// <returns>The list, with what was restored.</returns>
    public OperatorListState<T> UnionListState<T>(string name) => Lists.Get<T>(name, isUnion: true);
}
