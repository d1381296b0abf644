using System.Xml.Linq;

namespace StreamKit.Guards.Tests;

/// <summary>Packages beside the core reference the core, never each other; the core references none of them.</summary>
public class PackageReferenceTests
{
    private const string Core = "StreamKit";

    [Fact]
    public void Projects_OfSource_ReferenceTheCoreAlone()
    {
        var violations = Repository.SourceProjects
            .SelectMany(project => References(project).Select(reference => (project.Name, Reference: reference)))
            .Where(pair => pair.Reference != Core)
            .Select(pair => $"{pair.Name} references {pair.Reference}");

        Verdict.NoneOf(violations, "Projects of src that reference another one than the core:", "move what both need into the core.");
    }

    private static IEnumerable<string> References(SourceProject project) =>
        XDocument.Load(Path.Combine(project.Folder, $"{project.Name}.csproj")).Descendants("ProjectReference")
            .Where(reference => (string?)reference.Attribute("ReferenceOutputAssembly") != "false") // run by the compiler, not referenced
            .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')));
}
