namespace FraudDetection;

/// <summary>Lines, and on a terminal a status below them that is redrawn in place. May be used by several threads.</summary>
internal sealed class Screen
{
    private const string Separator = " | ";

    /// <summary>The whole line, so that it no longer counts as wrapped, then the rest from the second column on: what is cleared from the first one, some terminals keep in their history.</summary>
    private const string ClearToEnd = "\r\e[2K \e[J\r";

    /// <summary>A window that has just become narrower must not wrap what was made for the old width.</summary>
    private const string NoWrap = "\e[?7l";
    private const string Wrap = "\e[?7h";

    private readonly Lock _lock = new();
    private string _status = "";

    /// <summary>True when there is a terminal to redraw on.</summary>
    public bool IsTerminal { get; } = !Console.IsOutputRedirected;

    public void Line(string text) => Write(Console.Out, text);

    public void Error(string text) => Write(Console.Error, text);

    /// <summary>Replaces the status at the bottom by these parts, on as many lines as the terminal's width asks for; elsewhere it is a line like any other.</summary>
    public void Status(params IReadOnlyList<string> parts)
    {
        if (!IsTerminal)
        {
            Line(string.Join(Separator, parts));
            return;
        }

        lock (_lock)
        {
            _status = Fit(parts, Console.WindowWidth);
            Console.Out.Write(ClearToEnd + _status);
        }
    }

    /// <summary>Takes the status away.</summary>
    public void ClearStatus()
    {
        lock (_lock)
        {
            if (_status.Length > 0)
                Console.Out.Write(ClearToEnd);
            _status = "";
        }
    }

    private void Write(TextWriter target, string text)
    {
        lock (_lock)
        {
            if (_status.Length > 0)
                Console.Out.Write(ClearToEnd);
            target.WriteLine(text);
            Console.Out.Write(_status);
        }
    }

    /// <summary>
    /// The parts on lines that are not wrapped, and the cursor back at their beginning: wherever a narrower window wraps them later, all is behind the cursor and gets cleared.
    /// </summary>
    private static string Fit(IReadOnlyList<string> parts, int width)
    {
        var most = width > 1 ? width - 1 : int.MaxValue; // 0 where the terminal does not tell
        var lines = new List<string>();
        foreach (var part in parts)
        {
            if (lines.Count > 0 && lines[^1].Length + Separator.Length + part.Length <= most)
                lines[^1] += Separator + part;
            else
                lines.Add(part.Length <= most ? part : part[..most]);
        }

        var up = lines.Count > 1 ? $"\e[{lines.Count - 1}A" : "";
        return $"{NoWrap}{string.Join('\n', lines)}{Wrap}\r{up}";
    }
}
