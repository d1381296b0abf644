using System.Diagnostics;
using System.Xml.Linq;

namespace StreamKit.EndToEnd.Tests;

/// <summary>
/// Packs every package of src once, into a folder feed. The sources are packed from a copy outside the repository, a git repository of its own
/// with an address: so SourceLink has what it needs wherever the tests run, and no build of the real checkout is disturbed.
/// </summary>
public sealed class PackagingFeed : IDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(10);

    public PackagingFeed()
    {
        // A version of its own: no cache of packages can hold an older one.
        Version = $"0.0.0-test.{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}";
        CopySources();
        HasGit = InitializeGit();
        foreach (var project in PackableProjects())
        {
            var (code, output) = Dotnet(
                Checkout, "pack", project, "-c", "Release", "-v", "quiet", "-nologo", "--output", Feed, $"-p:PackageVersion={Version}", "-p:ContinuousIntegrationBuild=true");
            Assert.True(code == 0, $"'dotnet pack {project}' failed:\n{output}");
        }
    }

    /// <summary>Whether git could be run, and so SourceLink be made.</summary>
    public bool HasGit { get; }

    /// <summary>The copy that is packed.</summary>
    public string Checkout => Path.Combine(Folder, "checkout");

    /// <summary>A temporary folder for everything that packing and consuming need.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("streamkit-packaging-").FullName;

    public string Feed => Path.Combine(Folder, "feed");

    public string Version { get; }

    /// <summary>The feed beside the machine's own sources; what the machine has already is not fetched again.</summary>
    public string NuGetConfig => $"""
        <configuration>
          <config>
            <add key="globalPackagesFolder" value="{Path.Combine(Folder, "packages")}" />
          </config>
          <packageSources>
            <add key="packed" value="{Feed}" />
          </packageSources>
          <fallbackPackageFolders>
            <add key="machine" value="{MachinePackages}" />
          </fallbackPackageFolders>
        </configuration>
        """;

    private static string MachinePackages =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    public IEnumerable<string> PackageNames => PackableProjects().Select(project => Path.GetFileNameWithoutExtension(project)!);

    /// <summary>The packages that are referenced; a tool is run.</summary>
    public IEnumerable<string> LibraryNames => PackableProjects()
        .Where(project => !XDocument.Load(project).Descendants("PackAsTool").Any())
        .Select(project => Path.GetFileNameWithoutExtension(project)!);

    public string PackagePath(string name, string extension) => Path.Combine(Feed, $"{name}.{Version}{extension}");

    public static (int ExitCode, string Output) Dotnet(string folder, params IEnumerable<string> arguments) => Run(folder, "dotnet", arguments);

    public static (int ExitCode, string Output) Run(string folder, string command, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // Neither the test runner's MSBuild nor a repository that runs the tests from a hook may reach into the copy.
        var inherited = start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("GIT_", StringComparison.Ordinal));
        foreach (var name in inherited.ToList())
        {
            start.Environment.Remove(name);
        }

        // Build servers left running would keep the pipes of this process open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_NOLOGO"] = "1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(_limit))
        {
            process.Kill(entireProcessTree: true);
        }

        process.WaitForExit();

        return (process.ExitCode, output.GetAwaiter().GetResult() + error.GetAwaiter().GetResult());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private void CopySources()
    {
        var root = FindRepositoryRoot();
        var sources = Directory.EnumerateFiles(Path.Combine(root, "src"), "*", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));
        // In a worktree '.git' is a file: a copy of it would make the copy a part of this repository.
        foreach (var file in Directory.EnumerateFiles(root).Where(file => Path.GetFileName(file) != ".git").Concat(sources))
        {
            var copy = Path.Combine(Checkout, Path.GetRelativePath(root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private bool InitializeGit()
    {
        try
        {
            string[] commands =
            [
                "init -q",
                "remote add origin https://github.com/streamkit/streamkit.git",
                "add .",
                "-c user.name=test -c user.email=test@localhost -c commit.gpgsign=false commit -q --no-verify -m packed",
            ];
            foreach (var command in commands)
            {
                // The folder is named outright: whatever happens, git touches no repository but the copy's.
                var (code, output) = Run(Checkout, "git", ["--git-dir", Path.Combine(Checkout, ".git"), "--work-tree", Checkout, .. command.Split(' ')]);
                Assert.True(code == 0, $"'git {command}' failed:\n{output}");
            }

            return true;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // no git on this machine
        }
    }

    private IEnumerable<string> PackableProjects() =>
        Directory.EnumerateFiles(Path.Combine(Checkout, "src"), "*.csproj", SearchOption.AllDirectories)
            .Where(project => XDocument.Load(project).Descendants("IsPackable").Any(element => element.Value.Trim() == "true"))
            .Order(StringComparer.Ordinal);

    private static string FindRepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "StreamKit.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No folder above '{AppContext.BaseDirectory}' holds StreamKit.sln.");
    }
}
