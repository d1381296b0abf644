using System.Text.Json;
using System.Xml.Linq;

namespace StreamKit.Guards.Tests;

/// <summary>A project of src: its project file, and what MSBuild makes of it together with the files that it inherits.</summary>
internal sealed class SourceProject(string path)
{
    private static readonly string[] _properties =
        ["TreatWarningsAsErrors", "NoWarn", "WarningsNotAsErrors", "GenerateDocumentationFile", "Nullable", "RunAnalyzers", "EnforceCodeStyleInBuild"];

    private readonly XDocument _project = XDocument.Load(path);
    private readonly Lazy<JsonElement> _evaluated = new(() => Evaluate(path));

    public string Name { get; } = System.IO.Path.GetFileNameWithoutExtension(path);

    public string Folder { get; } = System.IO.Path.GetDirectoryName(path)!;

    public bool IsPackable => Written("IsPackable") == "true";

    /// <summary>The copy beside the tests; its XML documentation lies next to it.</summary>
    public string AssemblyPath => System.IO.Path.Combine(AppContext.BaseDirectory, $"{Written("AssemblyName") ?? Name}.dll");

    public string DocumentationPath => System.IO.Path.ChangeExtension(AssemblyPath, ".xml");

    /// <summary>The C# files, relative to the repository.</summary>
    public IEnumerable<string> SourceFiles => Repository.Files(Repository.Relative(Folder), "*.cs");

    public string Property(string name) => _evaluated.Value.GetProperty("Properties").GetProperty(name).GetString()!;

    public IEnumerable<string> Items(string name) =>
        _evaluated.Value.GetProperty("Items").GetProperty(name).EnumerateArray().Select(item => item.GetProperty("FullPath").GetString()!);

    public override string ToString() => Name;

    private string? Written(string name) => _project.Descendants(name).FirstOrDefault()?.Value.Trim();

    private static JsonElement Evaluate(string path)
    {
        var (code, output) = Tool.Run(
            "dotnet", "msbuild", path, "-nologo", $"-getProperty:{string.Join(',', _properties)}", "-getItem:AdditionalFiles,PackageReference");
        Assert.True(code == 0, $"MSBuild could not evaluate '{path}':\n{output}");

        return JsonDocument.Parse(output).RootElement;
    }
}
