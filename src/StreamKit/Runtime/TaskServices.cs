using StreamKit.Operators;

namespace StreamKit.Runtime;

/// <summary>A task as its operators see it.</summary>
internal sealed class TaskServices(StreamTask task, Action<Exception> fail) : OperatorServices
{
    public override void Notify() => task.Notify();

    public override void Fail(Exception cause) => fail(Explain(cause));

    public override void Contribute(OperatorCut cut) => task.Contribute(cut);
}
