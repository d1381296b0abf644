namespace StreamKit.Generators.Tests.Analyzers;

/// <summary>Each diagnostic has a section in docs/analyzers.md, and leads there.</summary>
public class RuleTests
{
    [Fact]
    public void Rules_OfAllAnalyzers_AreDocumented()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "analyzers.md"));
        var rules = Sources.Analyzers().SelectMany(static a => a.SupportedDiagnostics).DistinctBy(static r => r.Id).OrderBy(static r => r.Id, StringComparer.Ordinal).ToList();

        Assert.Equal(10, rules.Count);
        Assert.All(rules, rule =>
        {
            Assert.EndsWith($"/docs/analyzers.md#{rule.Id.ToLowerInvariant()}", rule.HelpLinkUri, StringComparison.Ordinal);
            Assert.Contains($"\n## {rule.Id}\n\n**{rule.Title}.**", page, StringComparison.Ordinal);
        });
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "StreamKit.sln")))
            folder = folder.Parent;

        return folder?.FullName ?? throw new InvalidOperationException($"No folder above '{AppContext.BaseDirectory}' holds StreamKit.sln.");
    }
}
