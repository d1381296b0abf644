namespace StreamKit.Connectors;

/// <summary>Calls an asynchronous function for every record, one call after the other in each subtask.</summary>
internal sealed class AsyncActionSink<T>(Func<T, CancellationToken, ValueTask> function) : Sink<T>
{
    public override SinkWriter<T> CreateWriter(SinkContext context) => new Writer(function);

    private sealed class Writer(Func<T, CancellationToken, ValueTask> function) : SinkWriter<T>
    {
        private List<T> _written = [];
        private List<T> _spare = [];

        /// <summary>The calls under way. A preparation may still run while the next batch is flushed: that one waits for it.</summary>
        private Task _calls = Task.CompletedTask;

        public override void Write(T value, long timestamp) => _written.Add(value);

        public override ValueTask FlushAsync(CancellationToken cancellationToken)
        {
            if (_written.Count == 0)
                return ValueTask.CompletedTask;
            Task calls = CallAsync(_calls, cancellationToken);
            _calls = calls;
            return new ValueTask(calls);
        }

        public override async ValueTask<IReadOnlyList<Committable>> PrepareCommitAsync(CancellationToken cancellationToken)
        {
            await FlushAsync(cancellationToken);
            await _calls;
            return [];
        }

        private async Task CallAsync(Task before, CancellationToken cancellationToken)
        {
            List<T> values = _written;
            _written = before.IsCompleted ? _spare : [];
            _spare = values;
            await before;
            foreach (T value in values)
                await function(value, cancellationToken);
            values.Clear();
        }
    }
}
