namespace FraudDetection;

/// <summary>Lines, and on a terminal one more below them that is redrawn in place. May be used by several threads.</summary>
internal sealed class Screen
{
    private readonly Lock _lock = new();
    private string _live = "";

    /// <summary>True when there is a terminal to redraw on.</summary>
    public bool IsTerminal { get; } = !Console.IsOutputRedirected;

    public void Line(string text) => Write(Console.Out, text);

    public void Error(string text) => Write(Console.Error, text);

    /// <summary>Replaces the line at the bottom; nothing removes it.</summary>
    public void Live(string text)
    {
        lock (_lock)
        {
            _live = text.Length < Console.WindowWidth || Console.WindowWidth < 1 ? text : text[..(Console.WindowWidth - 1)];
            Console.Out.Write($"\r{_live}\e[K");
        }
    }

    private void Write(TextWriter target, string text)
    {
        lock (_lock)
        {
            if (_live.Length > 0)
                Console.Out.Write("\r\e[K");
            target.WriteLine(text);
            if (_live.Length > 0)
                Console.Out.Write(_live);
        }
    }
}
