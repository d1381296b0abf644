using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace StreamKit.Guards.Tests;

/// <summary>Time, threads and chance belong to the executor. The build's analyzer says so; these tests see to it that it is never silenced.</summary>
public class BannedSymbolTests
{
    private const string Rule = "RS0030";
    private const string Shared = "src/BannedSymbols.txt";

    // Each file that may use what is banned, and why.
    private static readonly Dictionary<string, string> _exceptions = new(StringComparer.Ordinal)
    {
        ["src/StreamKit/Runtime/ThreadPoolExecutor.cs"] = "the production executor: it is what gives the job threads and time",
        ["src/StreamKit/Runtime/JobRandom.cs"] = "the one place where chance enters, unless a seed is given",
    };

    // TimeProvider.System is no banned symbol, since one property needs it as its default; anywhere else it passes by the job's clock.
    private static readonly string[] _systemClock = ["src/StreamKit/StateProcessing/SavepointBuilder.cs", "src/StreamKit/StreamJobBuilder.cs"];

    public static TheoryData<string> Packages => [.. Repository.PackableProjects.Select(project => project.Name)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void BannedSymbols_InEachPackage_AreErrors(string package)
    {
        var project = Repository.PackableProjects.Single(project => project.Name == package);

        Assert.Contains(Repository.Absolute(Shared), project.Items("AdditionalFiles"));
        Assert.Contains(project.Items("PackageReference"), path => path.EndsWith("Microsoft.CodeAnalysis.BannedApiAnalyzers", StringComparison.Ordinal));
        Assert.Equal("true", project.Property("TreatWarningsAsErrors"));
        Assert.NotEqual("false", project.Property("RunAnalyzers"));
        Assert.DoesNotContain(Rule, project.Property("NoWarn") + project.Property("WarningsNotAsErrors"), StringComparison.Ordinal);
        Assert.Contains($"dotnet_diagnostic.{Rule}.severity = error", File.ReadAllLines(Repository.Absolute(".editorconfig")));
    }

    [Fact]
    public void BannedSymbols_InTheLists_Exist()
    {
        var compilation = CSharpCompilation.Create("Names", references: Compilations.References(withProjects: true));
        var violations = Repository.Files("src", "BannedSymbols.txt")
            .SelectMany(file => File.ReadLines(Repository.Absolute(file)).Select((line, number) => (File: file, Number: number + 1, Line: line)))
            .Where(entry => entry.Line.Split(';') is not [var id, { Length: > 0 }]
                || DocumentationCommentId.GetFirstSymbolForDeclarationId(id, compilation) is null)
            .Select(entry => $"{entry.File}:{entry.Number}: {entry.Line}");

        Verdict.NoneOf(violations, "Banned symbols that name nothing, and so ban nothing:", "write 'documentation id;what to use instead' of a member that exists.");
    }

    [Fact]
    public void Suppressions_OfBannedSymbols_AreInTheListOfExceptions()
    {
        var suppressing = Repository.Files("src", "*.cs").Concat(Repository.Files("src", ".editorconfig")).Concat(Repository.Files("src", "*.globalconfig"))
            .Where(file => File.ReadAllText(Repository.Absolute(file)).Contains(Rule, StringComparison.Ordinal))
            .ToList();

        Verdict.NoneOf(
            suppressing.Where(file => !_exceptions.ContainsKey(file)),
            $"Files that suppress {Rule} without being an exception:",
            "take time, threads and chance from the job; if that is truly impossible, add the file and its reason to this test.");
        Verdict.NoneOf(_exceptions.Keys.Except(suppressing), "Exceptions that are none any more:", "take them off the list in this test.");
    }

    [Fact]
    public void SystemClock_InSources_IsOnlyADefault()
    {
        var violations = Repository.Files("src", "*.cs")
            .Where(file => !_systemClock.Contains(file) && File.ReadAllText(Repository.Absolute(file)).Contains("TimeProvider.System", StringComparison.Ordinal));

        Verdict.NoneOf(violations, "Files that take the system's clock instead of the job's:", "pass the job's TimeProvider on to them.");
    }
}
