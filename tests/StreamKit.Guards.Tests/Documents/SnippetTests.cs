namespace StreamKit.Guards.Tests;

/// <summary>Code that a page shows compiles, and what it says it prints is what it prints.</summary>
public class SnippetTests
{
    private const string Remedy =
        "correct the code; '<!-- given … -->' above a block holds what the reader need not see, '<!-- continues -->' sets it behind the block before, "
        + "'<!-- no-compile: reason -->' exempts it (see CONTRIBUTING.md).";

    public static TheoryData<string> Pages => [.. Repository.Files(".", "*.md")];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Snippets_OfAPage_Compile(string page)
    {
        var violations = Snippet.Of(MarkdownPage.Load(page)).SelectMany(snippet => snippet.Errors());

        Verdict.NoneOf(violations, $"Code of {page} that does not compile:", Remedy);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Snippets_OfAPageThatRun_PrintWhatThePageSays(string page)
    {
        foreach (var snippet in Snippet.Of(MarkdownPage.Load(page)).Where(snippet => snippet.Expected is not null))
        {
            using var program = new SnippetProgram(snippet.Compile());

            var (code, output) = program.Run();

            Assert.True(code == 0, $"The program at {page}:{snippet.Line} ended with exit code {code}:\n{output}");
            Assert.Equal(SnippetProgram.Normalize(snippet.Expected!), SnippetProgram.Normalize(output));
        }
    }

    [Fact]
    public void Snippets_OfAnExample_AreCompiledAsThePageSays()
    {
        var page = new MarkdownPage("docs/page.md", """
            ```csharp
            var count = new Counter().Next();
            class Counter { public int Next() => 1; }
            ```

            <!-- continues -->
            ```csharp
            using System.Globalization;
            Console.WriteLine(count.ToString(CultureInfo.InvariantCulture));
            ```

            <!-- given
            var hidden = 3;
            -->
            ```csharp
            Console.WriteLine(hidden);
            Console.WriteLine(missing);
            ```

            <!-- no-compile: shows a mistake -->
            ```csharp
            nonsense nonsense nonsense
            ```
            """);

        var errors = Snippet.Of(page).SelectMany(snippet => snippet.Errors()).ToList();

        var error = Assert.Single(errors);
        Assert.StartsWith("docs/page.md:17: CS0103", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Snippets_OfAnExampleThatRuns_Print()
    {
        var page = new MarkdownPage("docs/page.md", """
            <!-- run -->
            ```csharp
            Console.WriteLine(new StreamKitException("printed").Message);
            ```

            ```text
            printed
            ```
            """);
        var snippet = Assert.Single(Snippet.Of(page));
        using var program = new SnippetProgram(snippet.Compile());

        var (code, output) = program.Run();

        Assert.Equal(0, code);
        Assert.Equal("printed", snippet.Expected);
        Assert.Equal("printed", SnippetProgram.Normalize(output));
    }
}
