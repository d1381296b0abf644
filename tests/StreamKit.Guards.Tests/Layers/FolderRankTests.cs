using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace StreamKit.Guards.Tests;

/// <summary>A folder of the core uses folders of lower rank and its own; folders of one rank do not use each other.</summary>
public class FolderRankTests
{
    private const string Remedy =
        "move the type to the folder of lower rank that both may use, or turn the dependency round: the lower folder declares what it needs "
        + "and the higher one provides it. The table is in FolderRanks.cs.";

    // The names a file needs are missing without the generators that the build runs: partial methods of theirs have no body here.
    private static readonly string[] _unresolved = ["CS0103", "CS0117", "CS0234", "CS0246", "CS1061"];

    private static readonly Lazy<CSharpCompilation> _core =
        new(() => Compilations.Of(Repository.SourceProjects.Single(project => project.Name == "StreamKit")));

    [Fact]
    public void Folders_OfTheCore_UseOnlyLowerRanks()
    {
        var violations = FolderUse.In(_core.Value)
            .Where(use => FolderRanks.IsKnown(use.From) && FolderRanks.IsKnown(use.To))
            .Select(use => (Use: use, Objection: FolderRanks.Objection(use.From, use.To)))
            .Where(found => found.Objection is not null)
            .Select(found => $"{found.Use.File}:{found.Use.Line} uses '{found.Use.Type}' of {FolderRanks.Display(found.Use.To)}: {found.Objection}");

        Verdict.NoneOf(violations, "Folders of src/StreamKit that use what is above them:", Remedy);
    }

    [Fact]
    public void Folders_OfTheCore_HaveARank()
    {
        var violations = Repository.SourceProjects.Single(project => project.Name == "StreamKit").SourceFiles
            .Where(file => !FolderRanks.IsKnown(FolderUse.FolderOf(file)));

        Verdict.NoneOf(violations, "Files in folders of src/StreamKit without a rank:", "move them to a folder of the house, or give the folder a rank in FolderRanks.cs.");
    }

    [Fact]
    public void Core_ReadByTheGuards_IsUnderstood()
    {
        var violations = _core.Value.GetDiagnostics()
            .Where(diagnostic => _unresolved.Contains(diagnostic.Id))
            .Select(diagnostic => diagnostic.ToString());

        Verdict.NoneOf(violations, "The guards do not see what these names mean, and would not see a use of a higher folder there:", "add what is missing in Compilations.cs.");
    }

    [Theory]
    [InlineData("State", "Serialization", true)]
    [InlineData("Serialization", "State", false)]
    [InlineData("Operators", "Checkpoints", false)]
    [InlineData("Windowing", "Joins", false)]
    [InlineData("Windowing", "Runtime", false)]
    [InlineData("Connectors", "Planning", false)]
    [InlineData("Connectors", "Graph", true)]
    [InlineData("Runtime", "Planning", true)]
    [InlineData(FolderRanks.Root, "Runtime", true)]
    [InlineData("Runtime", FolderRanks.Root, false)]
    public void Objection_BetweenTwoFolders_FollowsTheTable(string from, string to, bool allowed)
    {
        Assert.Equal(allowed, FolderRanks.Objection(from, to) is null);
    }

    [Theory]
    [InlineData("Engine _field;")]
    [InlineData("object M() => new Engine();")]
    [InlineData("Engine M() => new();")]
    [InlineData("void M() { var x = Engine.Make(); }")]
    [InlineData("void M() { int x = 3.Twice(); }")]
    [InlineData("List<Engine[]>? _list;")]
    [InlineData("Type M() => typeof(Engine);")]
    public void FolderUse_OfATypeAbove_IsSeen(string member)
    {
        var above = CSharpSyntaxTree.ParseText(
            "namespace StreamKit; public class Engine { public static Engine Make() => new(); } public static class Verbs { public static int Twice(this int x) => 2 * x; }",
            Compilations.ParseOptions,
            "src/StreamKit/Runtime/Engine.cs");
        var below = CSharpSyntaxTree.ParseText(
            "using System; using System.Collections.Generic; namespace StreamKit; class Row { " + member + " }",
            Compilations.ParseOptions,
            "src/StreamKit/State/Row.cs");
        var compilation = CSharpCompilation.Create("Two", [above, below], Compilations.References(withProjects: false));

        var uses = FolderUse.In(compilation).ToList();

        Assert.Contains(uses, use => use is { From: "State", To: "Runtime", File: "src/StreamKit/State/Row.cs", Line: 1 });
        Assert.DoesNotContain(uses, use => use.From == "Runtime");
    }
}
