using Microsoft.CodeAnalysis.CSharp;

namespace StreamKit.Guards.Tests;

/// <summary>A compiled snippet in a folder of its own, beside the assemblies that it needs.</summary>
internal sealed class SnippetProgram : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streamkit-snippet-").FullName;

    public SnippetProgram(CSharpCompilation compilation)
    {
        var result = compilation.Emit(Path.Combine(_folder, "Snippet.dll"));
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));

        foreach (var assembly in Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll").Where(IsNeeded))
        {
            File.Copy(assembly, Path.Combine(_folder, Path.GetFileName(assembly)));
        }

        var version = Environment.Version;
        File.WriteAllText(Path.Combine(_folder, "Snippet.runtimeconfig.json"), $$"""
            {
              "runtimeOptions": {
                "tfm": "net{{version.Major}}.{{version.Minor}}",
                "framework": { "name": "Microsoft.NETCore.App", "version": "{{version.Major}}.{{version.Minor}}.0" },
                "configProperties": { "System.Globalization.Invariant": true }
              }
            }
            """);
    }

    public static string Normalize(string text) =>
        string.Join('\n', text.ReplaceLineEndings("\n").TrimEnd().Split('\n').Select(line => line.TrimEnd()));

    public (int ExitCode, string Output) Run() => Tool.RunIn(_folder, "dotnet", "Snippet.dll");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static bool IsNeeded(string path) =>
        Path.GetFileName(path) is var name
        && (name.StartsWith("StreamKit", StringComparison.Ordinal) || name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal))
        && !name.Contains("Tests", StringComparison.Ordinal);
}
