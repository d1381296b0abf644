using Microsoft.Extensions.Logging;

namespace StreamKit.Tests.TestSupport;

/// <summary>Keeps what is logged, each message with its exception.</summary>
internal sealed class RecordingLogger : ILogger
{
    public List<string> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Add($"{formatter(state, exception)} {exception}");
}
