using StreamKit.Operators;
using StreamKit.State;

namespace StreamKit.Runtime;

/// <summary>An operator with keyed state in a task of an attempt.</summary>
/// <param name="Task">The task.</param>
/// <param name="Name">The operator's name.</param>
/// <param name="Part">Names operator and subtask within the files of the attempt.</param>
/// <param name="Operator">The operator, open.</param>
/// <param name="State">Its state, all of it declared.</param>
internal sealed record KeyedOperator(StreamTask Task, string Name, string Part, IOperator Operator, KeyedState State)
{
    public int Subtask => Task.Id.Index;

    /// <summary>Whether values may be elsewhere than in memory.</summary>
    public bool CanLeaveMemory => Operator.CanWaitForState && State.CanLeaveMemory;
}
