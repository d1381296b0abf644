using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace StreamKit.Guards.Tests;

/// <summary>Compilations of the repository's own sources, against the assemblies that this test process runs on.</summary>
internal static class Compilations
{
    /// <summary>What the SDK imports into every project with implicit usings.</summary>
    public const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly PortableExecutableReference[] _references =
        [.. ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(path => MetadataReference.CreateFromFile(path))];

    private static readonly HashSet<string> _projects = [.. Repository.SourceProjects.Select(project => project.AssemblyPath)];

    public static CSharpParseOptions ParseOptions { get; } = new(LanguageVersion.Preview, DocumentationMode.Parse);

    /// <summary>The platform and every package of the test process, with or without the projects of src.</summary>
    public static IEnumerable<MetadataReference> References(bool withProjects) =>
        _references.Where(reference => withProjects || !_projects.Contains(reference.FilePath!));

    /// <summary>A whole project from its files, as the build compiles it but for source generators.</summary>
    public static CSharpCompilation Of(SourceProject project)
    {
        var usings = CSharpSyntaxTree.ParseText(ImplicitUsings, ParseOptions, path: "ImplicitUsings.cs");
        var trees = project.SourceFiles.Select(Parse).Prepend(usings);
        var others = Repository.SourceProjects.Where(other => other.Name != project.Name && File.Exists(other.AssemblyPath))
            .Select(other => MetadataReference.CreateFromFile(other.AssemblyPath));
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);

        return CSharpCompilation.Create(project.Name, trees, [.. References(withProjects: false), .. others], options);
    }

    public static SyntaxTree Parse(string relativePath) =>
        CSharpSyntaxTree.ParseText(File.ReadAllText(Repository.Absolute(relativePath)), ParseOptions, path: relativePath);

    /// <summary>A built assembly, seen from outside: its symbols carry nullable annotations.</summary>
    public static IAssemblySymbol Built(SourceProject project)
    {
        var reference = MetadataReference.CreateFromFile(project.AssemblyPath);
        var compilation = CSharpCompilation.Create("Outside", references: References(withProjects: false).Append(reference));

        return (IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(reference)!;
    }
}
