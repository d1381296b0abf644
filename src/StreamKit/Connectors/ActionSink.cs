namespace StreamKit.Connectors;

/// <summary>Calls an action for every record.</summary>
internal sealed class ActionSink<T>(Action<T> action) : Sink<T>
{
    public override SinkWriter<T> CreateWriter(SinkContext context) => new Writer(action);

    private sealed class Writer(Action<T> action) : SinkWriter<T>
    {
        public override void Write(T value, long timestamp) => action(value);
    }
}
