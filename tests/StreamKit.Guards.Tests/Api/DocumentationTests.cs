using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace StreamKit.Guards.Tests;

/// <summary>Whatever a user can name is documented, and the compiler's own check of that is never switched off.</summary>
public class DocumentationTests
{
    private const string MissingDocumentation = "CS1591";

    public static TheoryData<string> Packages => [.. Repository.PackableProjects.Select(project => project.Name)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void PublicMembers_OfEachPackage_HaveDocumentationWithWords(string package)
    {
        var project = Repository.PackableProjects.Single(project => project.Name == package);
        var documented = XDocument.Load(project.DocumentationPath).Descendants("member")
            .ToDictionary(member => (string)member.Attribute("name")!, StringComparer.Ordinal);

        var violations = PublicApi.Symbols(Compilations.Built(project))
            .Where(symbol => !IsMadeByTheCompiler(symbol))
            .Select(symbol => (Symbol: symbol, Text: documented.GetValueOrDefault(symbol.GetDocumentationCommentId()!)))
            .SelectMany(member => Gaps(member.Symbol, member.Text).Select(gap => $"{member.Symbol.ToDisplayString()}: {gap}"));

        Verdict.NoneOf(
            violations,
            $"Public members of '{package}' without documentation:",
            "say what it is, its default, unit and when it is called; use <inheritdoc/> only where the base says it all.");
    }

    [Fact]
    public void MissingDocumentationWarning_InSources_IsNeverSuppressed()
    {
        var projects = Repository.Files(".", "*.csproj").Concat(Repository.Files(".", "*.props")).Append(".editorconfig");
        var violations = projects.Concat(Repository.Files("src", "*.cs"))
            .Where(file => File.ReadAllText(Repository.Absolute(file)).Contains(MissingDocumentation, StringComparison.Ordinal));

        Verdict.NoneOf(violations, $"{MissingDocumentation} (missing documentation) is mentioned, and so suppressed, in:", "document the members instead.");
    }

    [Fact]
    public void PackableProjects_InSource_GenerateDocumentation()
    {
        var violations = Repository.PackableProjects
            .Where(project => project.Property("GenerateDocumentationFile") != "true")
            .Select(project => project.Name);

        Verdict.NoneOf(violations, "Packages without XML documentation:", "leave GenerateDocumentationFile as src/Directory.Build.props sets it.");
    }

    private static IEnumerable<string> Gaps(ISymbol symbol, XElement? text)
    {
        if (text is null)
        {
            yield return "not documented";
            yield break;
        }

        if (text.Element("inheritdoc") is not null)
        {
            yield break;
        }

        if (IsEmpty(text.Element("summary")))
        {
            yield return "its summary is empty";
        }

        foreach (var empty in text.Elements("param").Concat(text.Elements("typeparam")).Where(IsEmpty))
        {
            yield return $"nothing is said about '{(string?)empty.Attribute("name")}'";
        }
    }

    private static bool IsEmpty(XElement? element) =>
        element is null || (string.IsNullOrWhiteSpace(element.Value) && !element.HasElements);

    /// <summary>Constructors nobody wrote, and what a record brings along.</summary>
    private static bool IsMadeByTheCompiler(ISymbol symbol) =>
        symbol is IMethodSymbol { MethodKind: MethodKind.Constructor, Parameters.IsEmpty: true }
        || symbol.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "CompilerGeneratedAttribute")
        || symbol is IPropertySymbol { Name: "EqualityContract" }
        || symbol is IPropertySymbol { ContainingType: { } type } property && IsPositional(type, property);

    private static bool IsPositional(INamedTypeSymbol type, IPropertySymbol property) =>
        type.GetMembers("Deconstruct").OfType<IMethodSymbol>().Any(method =>
            method.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "CompilerGeneratedAttribute")
            && method.Parameters.Any(parameter => parameter.Name == property.Name));
}
