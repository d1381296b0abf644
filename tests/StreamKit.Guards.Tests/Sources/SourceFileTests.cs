using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace StreamKit.Guards.Tests;

/// <summary>Sources stay short, finished and well named.</summary>
public partial class SourceFileTests
{
    private const int Long = 400;
    private const int TooLong = 600;

    // Files between 400 and 600 lines, and why they are one file.
    private static readonly Dictionary<string, string> _longFiles = new(StringComparer.Ordinal)
    {
    };

    [Fact]
    public void SourceFiles_OfMoreThan400Lines_HaveAReason()
    {
        var lengths = Repository.Files("src", "*.cs").ToDictionary(file => file, file => File.ReadLines(Repository.Absolute(file)).Count());

        Verdict.NoneOf(
            lengths.Where(file => file.Value > TooLong).Select(file => $"{file.Key}: {file.Value} lines"),
            $"Sources of more than {TooLong} lines:",
            "split them by idea.");
        Verdict.NoneOf(
            lengths.Where(file => file.Value > Long && !_longFiles.ContainsKey(file.Key)).Select(file => $"{file.Key}: {file.Value} lines"),
            $"Sources of more than {Long} lines without a reason:",
            "split them by idea, or add the file and the reason to this test.");
        Verdict.NoneOf(
            _longFiles.Keys.Where(file => lengths.GetValueOrDefault(file) <= Long),
            "Files listed as long that are not:",
            "take them off the list in this test.");
    }

    [Fact]
    public void SourceFiles_Everywhere_HoldNothingUnfinished()
    {
        var violations = Repository.Files("src", "*.cs")
            .SelectMany(file => File.ReadLines(Repository.Absolute(file)).Select((line, number) => (File: file, Number: number + 1, Line: line)))
            .Where(entry => Unfinished().IsMatch(entry.Line))
            .Select(entry => $"{entry.File}:{entry.Number}: {entry.Line.Trim()}");

        Verdict.NoneOf(violations, "Sources with unfinished work or regions:", "finish it, or leave it out and file an issue.");
    }

    [Fact]
    public void Types_InSources_AreNamedForWhatTheyAre()
    {
        var violations = Repository.Files("src", "*.cs")
            .SelectMany(file => Compilations.Parse(file).GetRoot().DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
                .Where(type => Vague().IsMatch(type.Identifier.ValueText))
                .Select(type => $"{file}: {type.Identifier.ValueText}"));

        Verdict.NoneOf(violations, "Types named Helper, Util, Manager or Impl:", "name the type for what it is to the data.");
    }

    [Theory]
    [InlineData("// TODO later", true)]
    [InlineData("throw new NotImplementedException();", true)]
    [InlineData("    #region State", true)]
    [InlineData("var todos = ToDouble();", false)]
    public void Unfinished_InALine_IsSeen(string line, bool expected)
    {
        Assert.Equal(expected, Unfinished().IsMatch(line));
    }

    [Theory]
    [InlineData("StateManager", true)]
    [InlineData("ByteUtils", true)]
    [InlineData("Implicit", false)]
    [InlineData("Utilization", false)]
    public void Vague_OfATypeName_IsSeen(string name, bool expected)
    {
        Assert.Equal(expected, Vague().IsMatch(name));
    }

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX|NotImplementedException)\b|^\s*#region")]
    private static partial Regex Unfinished();

    [GeneratedRegex("(Helper|Util|Utility|Manager|Impl)s?$|Utilities$")]
    private static partial Regex Vague();
}
