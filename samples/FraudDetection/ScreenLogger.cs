using Microsoft.Extensions.Logging;

namespace FraudDetection;

/// <summary>Shows what the engine logs about the job's life: where it starts, restarts and why.</summary>
internal sealed class ScreenLogger(Screen screen) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        var text = formatter(state, exception) + (exception is null ? "" : $" {exception.Message}");
        if (logLevel >= LogLevel.Warning)
            screen.Error($"{(logLevel == LogLevel.Warning ? "warning" : "error")}: {text}");
        else
            screen.Line(text);
    }
}
