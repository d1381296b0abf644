using System.Xml.Linq;

namespace StreamKit.Guards.Tests;

/// <summary>A project of src, read from its project file.</summary>
internal sealed class SourceProject(string path)
{
    private readonly XDocument _project = XDocument.Load(path);

    public string Name { get; } = System.IO.Path.GetFileNameWithoutExtension(path);

    public string Path { get; } = path;

    public string Folder { get; } = System.IO.Path.GetDirectoryName(path)!;

    public bool IsPackable => Property("IsPackable") == "true";

    /// <summary>The copy beside the tests; its XML documentation lies next to it.</summary>
    public string AssemblyPath => System.IO.Path.Combine(AppContext.BaseDirectory, $"{Property("AssemblyName") ?? Name}.dll");

    public string DocumentationPath => System.IO.Path.ChangeExtension(AssemblyPath, ".xml");

    /// <summary>The C# files, relative to the repository.</summary>
    public IEnumerable<string> SourceFiles => Repository.Files(Repository.Relative(Folder), "*.cs");

    public IEnumerable<XElement> Items(string name) => _project.Descendants(name);

    public override string ToString() => Name;

    private string? Property(string name) => _project.Descendants(name).FirstOrDefault()?.Value.Trim();
}
