namespace StreamKit.Tests.TestSupport;

/// <summary>Calls back for each record, without any guarantee; several subtasks at once.</summary>
internal sealed class ActionSink<T>(Action<T> action) : Sink<T>
{
    public override SinkWriter<T> CreateWriter(SinkContext context) => new Writer(action);

    private sealed class Writer(Action<T> action) : SinkWriter<T>
    {
        public override void Write(T value, long timestamp) => action(value);
    }
}
