using System.Text;

namespace StreamKit.Connectors;

/// <summary>Prints a line per record. What a batch gave is printed at once, so that lines of several subtasks do not mix.</summary>
internal sealed class TextSink<T>(Func<TextWriter> output, Func<T, string> format) : Sink<T>
{
    public override SinkWriter<T> CreateWriter(SinkContext context) => new Writer(output(), format);

    private sealed class Writer(TextWriter output, Func<T, string> format) : SinkWriter<T>
    {
        private readonly StringBuilder _lines = new();

        public override void Write(T value, long timestamp) => _lines.Append(format(value)).Append(output.NewLine);

        public override ValueTask FlushAsync(CancellationToken cancellationToken)
        {
            if (_lines.Length == 0)
                return ValueTask.CompletedTask;
            string lines = _lines.ToString();
            _lines.Clear();
            return new ValueTask(output.WriteAsync(lines));
        }

        public override async ValueTask<IReadOnlyList<Committable>> PrepareCommitAsync(CancellationToken cancellationToken)
        {
            await FlushAsync(cancellationToken);
            return [];
        }
    }
}
