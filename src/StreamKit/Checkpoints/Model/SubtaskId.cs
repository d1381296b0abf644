namespace StreamKit.Checkpoints;

/// <summary>One of the parallel instances of a task (a chain of operators); the unit that acknowledges a checkpoint.</summary>
/// <param name="Task">The task's name in the plan.</param>
/// <param name="Index">The subtask, from 0.</param>
internal readonly record struct SubtaskId(string Task, int Index)
{
    public override string ToString() => $"'{Task}' subtask {Index}";
}
