using System.Text.RegularExpressions;

namespace StreamKit.Guards.Tests;

/// <summary>A fenced block of a page: where its first line of text stands, and the comments directly above it.</summary>
internal sealed record MarkdownBlock(int Line, string Language, string Text, IReadOnlyList<MarkdownComment> Comments);

/// <summary>An HTML comment of a page, without its brackets.</summary>
internal sealed record MarkdownComment(int Line, string Text);

/// <summary>A link or picture of a page.</summary>
internal sealed record MarkdownLink(int Line, string Target);

/// <summary>As much of a Markdown page as the guards look at: headings, links, fenced blocks and the comments above them.</summary>
internal sealed partial class MarkdownPage
{
    private readonly List<MarkdownBlock> _blocks = [];
    private readonly List<MarkdownLink> _links = [];
    private readonly Dictionary<string, int> _anchors = new(StringComparer.Ordinal);

    public MarkdownPage(string path, string text)
    {
        Path = path;
        Read(text.ReplaceLineEndings("\n").Split('\n'));
    }

    /// <summary>Relative to the repository.</summary>
    public string Path { get; }

    public IReadOnlyList<MarkdownBlock> Blocks => _blocks;

    public IReadOnlyList<MarkdownLink> Links => _links;

    public static MarkdownPage Load(string path) => new(path, File.ReadAllText(Repository.Absolute(path)));

    /// <summary>Whether GitHub gives some heading this anchor, or the page names it itself.</summary>
    public bool HasAnchor(string anchor) => _anchors.ContainsKey(anchor);

    private void Read(string[] lines)
    {
        List<MarkdownComment> comments = [];
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            if (Fence().Match(line) is { Success: true } fence)
            {
                i = ReadBlock(lines, i, fence, comments);
                comments = [];
            }
            else if (line.StartsWith("<!--", StringComparison.Ordinal))
            {
                i = ReadComment(lines, i, comments);
            }
            else if (!string.IsNullOrWhiteSpace(line))
            {
                comments = [];
                ReadText(line, i + 1);
            }
        }
    }

    private int ReadBlock(string[] lines, int start, Match fence, List<MarkdownComment> comments)
    {
        var (indent, marks, language) = (fence.Groups[1].Value, fence.Groups[2].Value, fence.Groups[3].Value);
        var end = start + 1;
        while (end < lines.Length && lines[end].Trim() != marks)
        {
            end++;
        }

        var body = lines[(start + 1)..Math.Min(end, lines.Length)].Select(line => line.StartsWith(indent, StringComparison.Ordinal) ? line[indent.Length..] : line);
        _blocks.Add(new MarkdownBlock(start + 2, language, string.Join('\n', body), comments));

        return end;
    }

    private static int ReadComment(string[] lines, int start, List<MarkdownComment> comments)
    {
        var end = start;
        while (end < lines.Length - 1 && !lines[end].Contains("-->", StringComparison.Ordinal))
        {
            end++;
        }

        var text = string.Join('\n', lines[start..(end + 1)]).Trim();
        comments.Add(new MarkdownComment(start + 1, text["<!--".Length..].Replace("-->", "", StringComparison.Ordinal)));

        return end;
    }

    private void ReadText(string line, int number)
    {
        var plain = InlineCode().Replace(line, "");
        _links.AddRange(InlineLink().Matches(plain).Concat(ReferenceLink().Matches(plain))
            .Select(match => new MarkdownLink(number, match.Groups[1].Value)));
        foreach (Match named in NamedAnchor().Matches(plain))
        {
            _anchors[named.Groups[1].Value] = 1;
        }

        if (Heading().Match(line) is { Success: true } heading)
        {
            AddHeading(heading.Groups[1].Value);
        }
    }

    /// <summary>GitHub's rule: lower case, punctuation gone, blanks to dashes, a number behind repeated ones.</summary>
    private void AddHeading(string heading)
    {
        var text = LinkText().Replace(heading, "$1").Trim().ToLowerInvariant();
        var anchor = new string([.. text.Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_').Select(c => c == ' ' ? '-' : c)]);
        var seen = _anchors.GetValueOrDefault(anchor);
        _anchors[anchor] = seen + 1;
        if (seen > 0)
        {
            _anchors[$"{anchor}-{seen}"] = 1;
        }
    }

    [GeneratedRegex(@"^(\s*)(`{3,}|~{3,})\s*([\w+#-]*)[^`]*$")]
    private static partial Regex Fence();

    [GeneratedRegex(@"^#{1,6}\s+(.*?)\s*#*$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"`[^`]*`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"\]\(\s*<?([^)\s>]+)>?(?:\s+""[^""]*"")?\s*\)")]
    private static partial Regex InlineLink();

    [GeneratedRegex(@"^\s{0,3}\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)")]
    private static partial Regex ReferenceLink();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex(@"<a\s+(?:name|id)=""([^""]+)""")]
    private static partial Regex NamedAnchor();
}
