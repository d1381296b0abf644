namespace StreamKit.Guards.Tests;

/// <summary>The checkout that the tests were built from: its root, its projects and its files.</summary>
internal static class Repository
{
    private static readonly string[] _outputFolders = ["bin", "obj", "artifacts", "node_modules", "TestResults"];

    public static string Root { get; } = FindRoot();

    /// <summary>Every project of src, in order of name.</summary>
    public static IReadOnlyList<SourceProject> SourceProjects { get; } =
        [.. Files("src", "*.csproj").Select(path => new SourceProject(Absolute(path))).OrderBy(project => project.Name, StringComparer.Ordinal)];

    public static IEnumerable<SourceProject> PackableProjects => SourceProjects.Where(project => project.IsPackable);

    public static string Absolute(string relative) => Path.Combine(Root, relative);

    public static string Relative(string absolute) => Path.GetRelativePath(Root, absolute).Replace('\\', '/');

    /// <summary>The files under a folder, relative to the root, without what builds and tests leave behind.</summary>
    public static IEnumerable<string> Files(string folder, string pattern)
    {
        var start = Absolute(folder);

        return Directory.Exists(start)
            ? Directory.EnumerateFiles(start, pattern, SearchOption.AllDirectories)
                .Select(Relative)
                .Where(path => !path.Split('/').Any(part => _outputFolders.Contains(part) || (part.StartsWith('.') && part != ".")))
                .Order(StringComparer.Ordinal)
            : [];
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "StreamKit.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No folder above '{AppContext.BaseDirectory}' holds StreamKit.sln: run the guards from a checkout.");
    }
}
