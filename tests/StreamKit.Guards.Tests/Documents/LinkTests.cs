using System.Globalization;

namespace StreamKit.Guards.Tests;

/// <summary>Every link of a page to something in the repository arrives: at a file, a folder, a heading, a line of code.</summary>
public class LinkTests
{
    public static TheoryData<string> Pages => [.. Repository.Files(".", "*.md")];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_OfAPage_Arrive(string page)
    {
        Verdict.NoneOf(Broken(MarkdownPage.Load(page)), $"Links of {page} that lead nowhere:", "correct the link, or the heading or file that it means.");
    }

    [Fact]
    public void Links_OfAWrongPage_AreReported()
    {
        var page = new MarkdownPage("docs/page.md", """
            # The *first* heading, with `code`
            [here](#the-first-heading-with-code) [nowhere](#no-such-heading) [up](../README.md) [gone](gone.md "title")
            [root](/LICENSE) [web](https://example.org/x) `[not a link](none.md)` ![picture](none.png)
            [line](../LICENSE#L1) [no line](../LICENSE#L99999) [folder](../src) <a name="own"></a> [own](#own)

            ```text
            [in a block](none.md)
            ```

            [reference]: none-either.md
            """);

        var broken = Broken(page).ToList();

        Assert.Equal(
            ["docs/page.md:2: #no-such-heading", "docs/page.md:2: gone.md", "docs/page.md:3: none.png", "docs/page.md:4: ../LICENSE#L99999", "docs/page.md:10: none-either.md"],
            broken);
    }

    private static IEnumerable<string> Broken(MarkdownPage page) =>
        page.Links.Where(link => !Arrives(page, link.Target)).Select(link => $"{page.Path}:{link.Line}: {link.Target}");

    private static bool Arrives(MarkdownPage page, string target)
    {
        if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
        {
            return true;
        }

        var (path, anchor) = target.Split('#', 2) is [var before, var after] ? (before, after) : (target, "");
        if (path.Length == 0)
        {
            return page.HasAnchor(anchor);
        }

        var from = path.StartsWith('/') ? "" : Path.GetDirectoryName(page.Path)!;
        var file = Path.GetFullPath(Path.Combine(Repository.Root, from, Uri.UnescapeDataString(path).TrimStart('/')));
        if (!file.StartsWith(Repository.Root, StringComparison.Ordinal) || (!File.Exists(file) && !Directory.Exists(file)))
        {
            return false;
        }

        return anchor.Length == 0
            || (file.EndsWith(".md", StringComparison.Ordinal) ? MarkdownPage.Load(Repository.Relative(file)).HasAnchor(anchor) : HasLine(file, anchor));
    }

    /// <summary>GitHub's 'L12' and 'L12-L20'.</summary>
    private static bool HasLine(string file, string anchor) =>
        anchor.Split('-')[^1] is ['L', .. var digits]
        && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var line)
        && File.ReadLines(file).Count() >= line;
}
