using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace StreamKit.Generators.Tests;

/// <summary>Compiles sources of tests against the core, with the generator and analyzers.</summary>
internal static class Sources
{
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Threading.Tasks;
        global using StreamKit;
        """;

    private static readonly MetadataReference[] _references =
        [.. ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(static path => Path.GetFileName(path) != "StreamKit.Generators.dll")
            .Select(static path => MetadataReference.CreateFromFile(path))];

    public static CSharpParseOptions ParseOptions { get; } = new(LanguageVersion.Latest);

    public static CSharpCompilation Compile(params string[] sources) => CSharpCompilation.Create(
        "Snippet",
        sources.Prepend(ImplicitUsings).Select(static (source, i) => CSharpSyntaxTree.ParseText(source, ParseOptions, path: $"Source{i}.cs")),
        _references,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));

    /// <summary>The compilation with what the generator adds, after making sure that it has neither errors nor warnings.</summary>
    public static Compilation Generate(params string[] sources)
    {
        var driver = CSharpGeneratorDriver.Create([new StreamTypeGenerator().AsSourceGenerator()], parseOptions: ParseOptions);
        driver.RunGeneratorsAndUpdateCompilation(Compile(sources), out var result, out var diagnostics, TestContext.Current.CancellationToken);

        Assert.Empty(diagnostics);
        Assert.Empty(result.GetDiagnostics().Where(static d => d.Severity >= DiagnosticSeverity.Warning).Select(static d => d.ToString()));
        return result;
    }

    /// <summary>The generated file of a compilation; empty if there is none.</summary>
    public static string Generated(Compilation compilation) =>
        compilation.SyntaxTrees.SingleOrDefault(static tree => tree.FilePath.EndsWith("StreamTypes.g.cs", StringComparison.Ordinal))?.ToString() ?? "";

    /// <summary>What StreamKit's analyzers say of sources without errors, in order of place.</summary>
    public static async Task<IReadOnlyList<Diagnostic>> Analyze(params string[] sources)
    {
        var compilation = Compile(sources);
        Assert.Empty(compilation.GetDiagnostics().Where(static d => d.Severity == DiagnosticSeverity.Error).Select(static d => d.ToString()));
        var analyzers = Analyzers();

        var diagnostics = await compilation.WithAnalyzers(analyzers).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);

        return [.. diagnostics.OrderBy(static d => d.Location.SourceSpan.Start)];
    }

    public static ImmutableArray<DiagnosticAnalyzer> Analyzers() =>
        [.. typeof(StreamTypeGenerator).Assembly.GetTypes().Where(static type => type.IsSubclassOf(typeof(DiagnosticAnalyzer))).Select(static type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!)];

    /// <summary>What the SDK's trim and AOT analyzers say of a compilation.</summary>
    public static async Task<IReadOnlyList<string>> TrimWarnings(Compilation compilation)
    {
        var path = typeof(Sources).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "TrimAnalyzer").Value!;
        var analyzers = Assembly.LoadFrom(path).GetTypes()
            .Where(static type => type.IsSubclassOf(typeof(DiagnosticAnalyzer)) && !type.IsAbstract)
            .Select(static type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!)
            .ToImmutableArray();
        Assert.NotEmpty(analyzers);
        var options = new CompilationWithAnalyzersOptions(new AnalyzerOptions([], new AotProperties()), null, concurrentAnalysis: true, logAnalyzerExecutionTime: false);

        var diagnostics = await compilation.WithAnalyzers(analyzers, options).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);

        return [.. diagnostics.Select(static d => d.ToString())];
    }

    /// <summary>What a project with <c>IsAotCompatible</c> sets.</summary>
    private sealed class AotProperties : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Options();

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

        private sealed class Options : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value)
            {
                value = key is "build_property.EnableTrimAnalyzer" or "build_property.EnableAotAnalyzer" or "build_property.EnableSingleFileAnalyzer" ? "true" : null;
                return value is not null;
            }
        }
    }
}
