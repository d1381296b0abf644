using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace StreamKit.Guards.Tests;

/// <summary>
/// A C# block of a page, made into something that compiles. Comments directly above the block steer that:
/// <list type="bullet">
/// <item><c>&lt;!-- no-compile: reason --&gt;</c> leaves it out;</item>
/// <item><c>&lt;!-- continues --&gt;</c> sets it behind the C# block before it on the page;</item>
/// <item><c>&lt;!-- given … --&gt;</c> holds code that the reader need not see, set in front of it;</item>
/// <item><c>&lt;!-- run --&gt;</c> runs it and compares what it prints with the text block that follows.</item>
/// </list>
/// </summary>
internal sealed class Snippet
{
    private const string NoCompile = "no-compile:";
    private const string Given = "given";

    private readonly string _page;
    private readonly List<(int Line, string Code)> _parts;

    private Snippet(string page, MarkdownBlock block, MarkdownBlock? output, IEnumerable<(int Line, string Code)> before)
    {
        _page = page;
        Line = block.Line;
        Expected = Has(block, "run") ? output?.Text ?? "" : null;
        var given = block.Comments.Where(IsGiven).Select(comment => (comment.Line, comment.Text.TrimStart()[Given.Length..]));
        _parts = [.. before, .. given, (block.Line, block.Text)];
    }

    public int Line { get; }

    /// <summary>What it has to print; null if it is not run.</summary>
    public string? Expected { get; }

    public static IEnumerable<Snippet> Of(MarkdownPage page)
    {
        Snippet? previous = null;
        for (var i = 0; i < page.Blocks.Count; i++)
        {
            var block = page.Blocks[i];
            if (block.Language is not ("csharp" or "cs" or "c#") || block.Comments.Any(IsExempt))
            {
                continue;
            }

            var next = page.Blocks.ElementAtOrDefault(i + 1) is { Language: "text" } text ? text : null;
            previous = new Snippet(page.Path, block, next, Has(block, "continues") && previous is not null ? previous._parts : []);

            yield return previous;
        }
    }

    /// <summary>A program if it has statements, else a library. Diagnostics point into the page.</summary>
    public CSharpCompilation Compile()
    {
        var tree = CSharpSyntaxTree.ParseText(Arrange(), Compilations.ParseOptions);
        var usings = CSharpSyntaxTree.ParseText($"{Compilations.ImplicitUsings}\nglobal using StreamKit;", Compilations.ParseOptions);
        var kind = tree.GetCompilationUnitRoot().Members.Any(member => member is GlobalStatementSyntax)
            ? OutputKind.ConsoleApplication
            : OutputKind.DynamicallyLinkedLibrary;
        var options = new CSharpCompilationOptions(kind, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);

        return CSharpCompilation.Create("Snippet", [usings, tree], Compilations.References(withProjects: true), options);
    }

    public IEnumerable<string> Errors() =>
        Compile().GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(Describe);

    private string Describe(Diagnostic diagnostic)
    {
        var place = diagnostic.Location.GetMappedLineSpan();

        return $"{(place.HasMappedPath ? place.Path : _page)}:{place.StartLinePosition.Line + 1}: {diagnostic.Id}: {diagnostic.GetMessage()}";
    }

    /// <summary>C# wants usings first and types last; pages put them where they explain best.</summary>
    private string Arrange()
    {
        StringBuilder usings = new(), statements = new(), types = new();
        foreach (var (line, code) in _parts)
        {
            var tree = CSharpSyntaxTree.ParseText(code, Compilations.ParseOptions);
            var root = tree.GetCompilationUnitRoot();
            foreach (var node in root.Usings.Cast<SyntaxNode>().Concat(root.Members))
            {
                var target = node is UsingDirectiveSyntax ? usings : node is GlobalStatementSyntax ? statements : types;
                var first = tree.GetLineSpan(node.FullSpan).StartLinePosition.Line;
                target.Append("#line ").Append(line + first).Append(" \"").Append(_page).AppendLine("\"");
                target.AppendLine(node.ToFullString().TrimEnd('\n'));
            }
        }

        return $"{usings}{statements}{types}";
    }

    private static bool Has(MarkdownBlock block, string word) => block.Comments.Any(comment => comment.Text.Trim() == word);

    private static bool IsGiven(MarkdownComment comment) =>
        comment.Text.TrimStart() is var text && text.StartsWith(Given, StringComparison.Ordinal) && text.Length > Given.Length && char.IsWhiteSpace(text[Given.Length]);

    private static bool IsExempt(MarkdownComment comment) =>
        comment.Text.Trim() is var text && text.StartsWith(NoCompile, StringComparison.Ordinal) && text.Length > NoCompile.Length + 3;
}
