using System.IO.Compression;
using System.Reflection.Metadata;
using System.Xml.Linq;

namespace StreamKit.EndToEnd.Tests;

/// <summary>The packages hold what they promise, and the core, installed into a new console app from a folder, runs a job.</summary>
public sealed class PackagingTests(PackagingFeed feed) : IClassFixture<PackagingFeed>
{
    private static readonly Guid _sourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <NuGetAudit>false</NuGetAudit>
            <EmitCompilerGeneratedFiles>true</EmitCompilerGeneratedFiles>
            <CompilerGeneratedFilesOutputPath>made</CompilerGeneratedFilesOutputPath>
          </PropertyGroup>
          <ItemGroup>
            <Compile Remove="made/**" />
          </ItemGroup>
          <ItemGroup>
            <PackageReference Include="StreamKit" Version="{version}" />
          </ItemGroup>
        </Project>
        """;

    private const string Program = """
        using StreamKit;

        var builder = StreamJob.CreateBuilder("packaged");
        builder.Parallelism = 2;
        builder.FromSource("numbers", Source.Range(1, 100))
            .Filter(number => number % 2 == 0)
            .KeyBy(number => number % 10)
            .Reduce("sum", (left, right) => left + right)
            .Map(sum => new Sum(sum))
            .CollectTo(out var sums);

        await using var job = builder.Build();
        await job.RunAsync();

        Console.WriteLine($"{sums.Count} sums, the largest is {sums.Max(sum => sum.Value)}");

        [StreamType]
        public sealed record Sum(long Value);
        """;

    private const string SavepointProgram = """
        using StreamKit;

        await SavepointBuilder.Create("packaged")
            .SetValues("op", "state", new[] { ("a", 1), ("b", 2) }.ToAsyncEnumerable())
            .WriteAsync(new FileCheckpointStore("savepoint"));
        """;

    // The package has nothing public yet: its store is opened as a job will do it. LINQ over asynchronous sequences must stay .NET's own.
    private const string LocalStateProgram = """
        using System.Reflection;

        var package = Assembly.Load("StreamKit.State.Faster");
        var optionsType = package.GetType("StreamKit.State.Faster.LocalStoreOptions", throwOnError: true)!;
        var tierType = package.GetType("StreamKit.State.Faster.LocalTier", throwOnError: true)!;
        var options = Activator.CreateInstance(optionsType)!;
        optionsType.GetProperty("Directory")!.SetValue(options, "state");
        optionsType.GetProperty("Stores")!.SetValue(options, 1);
        optionsType.GetProperty("Time")!.SetValue(options, TimeProvider.System);
        var tier = tierType.GetMethod("Open")!.Invoke(null, [options])!;
        var store = (IDisposable)tierType.GetMethod("OpenStore")!.Invoke(tier, ["numbers[0]", false])!;
        store.GetType().GetMethod("Cut")!.Invoke(store, []);
        store.Dispose();

        var even = await new[] { 1, 2, 3, 4 }.ToAsyncEnumerable().Where(number => number % 2 == 0).CountAsync();
        Console.WriteLine($"a store was opened, cut and closed; {even} even numbers");
        """;

    [Fact]
    public void Packages_Packed_HoldReadmeLicenseAndDocumentation()
    {
        foreach (var name in feed.PackageNames)
        {
            using var package = ZipFile.OpenRead(feed.PackagePath(name, ".nupkg"));
            var files = package.Entries.Select(entry => entry.FullName).ToList();

            Assert.Contains("README.md", files);
            if (feed.LibraryNames.Contains(name))
            {
                Assert.Contains($"lib/net10.0/{name}.dll", files);
                Assert.Contains($"lib/net10.0/{name}.xml", files);
            }

            using var stream = package.GetEntry($"{name}.nuspec")!.Open();
            var metadata = XDocument.Load(stream).Root!.Elements().Single().Elements().ToLookup(element => element.Name.LocalName);
            Assert.Equal("Apache-2.0", metadata["license"].Single().Value);
            Assert.Equal("expression", (string?)metadata["license"].Single().Attribute("type"));
            Assert.Equal("README.md", metadata["readme"].Single().Value);
            Assert.NotEqual("Package Description", metadata["description"].Single().Value);
        }
    }

    [Fact]
    public void Core_Packed_HoldsTheGeneratorAndDoesNotDependOnIt()
    {
        using var package = ZipFile.OpenRead(feed.PackagePath("StreamKit", ".nupkg"));
        using var stream = package.GetEntry("StreamKit.nuspec")!.Open();
        var dependencies = XDocument.Load(stream).Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => (string?)element.Attribute("id"));

        Assert.Contains(package.Entries, entry => entry.FullName == "analyzers/dotnet/cs/StreamKit.Generators.dll");
        Assert.DoesNotContain(package.Entries, entry => entry.FullName.StartsWith("lib/", StringComparison.Ordinal) && entry.Name.StartsWith("StreamKit.Generators", StringComparison.Ordinal));
        Assert.Equal(["Microsoft.Extensions.Logging.Abstractions"], dependencies);
    }

    [Fact]
    public void SymbolPackages_Packed_LeadToTheSources()
    {
        Assert.SkipUnless(feed.HasGit, "there is no git on the path, and without it no SourceLink");

        foreach (var name in feed.LibraryNames)
        {
            using var package = ZipFile.OpenRead(feed.PackagePath(name, ".snupkg"));
            using var symbols = new MemoryStream();
            using (var entry = package.GetEntry($"lib/net10.0/{name}.pdb")!.Open())
            {
                entry.CopyTo(symbols);
            }

            symbols.Position = 0;
            using var provider = MetadataReaderProvider.FromPortablePdbStream(symbols);
            var reader = provider.GetMetadataReader();

            var documents = reader.Documents.Select(handle => reader.GetString(reader.GetDocument(handle).Name)).ToList();
            Assert.All(documents, document => Assert.StartsWith("/_/src/", document, StringComparison.Ordinal));
            Assert.Contains(reader.CustomDebugInformation, handle => reader.GetGuid(reader.GetCustomDebugInformation(handle).Kind) == _sourceLink);
        }
    }

    [Fact]
    public void Core_InstalledIntoANewConsoleApp_RunsAJobWithTheGenerator()
    {
        var app = Directory.CreateDirectory(Path.Combine(feed.Folder, "app")).FullName;
        File.WriteAllText(Path.Combine(app, "App.csproj"), Project.Replace("{version}", feed.Version, StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(app, "Program.cs"), Program);
        File.WriteAllText(Path.Combine(app, "nuget.config"), feed.NuGetConfig);

        var (code, output) = PackagingFeed.Dotnet(app, "run", "-c", "Release");

        Assert.True(code == 0, $"The console app failed:\n{output}");
        Assert.Equal("50 sums, the largest is 550", output.Trim());
        var made = Directory.EnumerateFiles(Path.Combine(app, "made"), "StreamTypes.g.cs", SearchOption.AllDirectories).Single();
        Assert.Contains("typeof(global::Sum)", File.ReadAllText(made), StringComparison.Ordinal);
    }

    [Fact]
    public void Tool_InstalledFromTheFeed_VerifiesASavepointThatAnInstalledCoreHasMade()
    {
        var app = Directory.CreateDirectory(Path.Combine(feed.Folder, "savepoint-app")).FullName;
        File.WriteAllText(Path.Combine(app, "App.csproj"), Project.Replace("{version}", feed.Version, StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(app, "Program.cs"), SavepointProgram);
        File.WriteAllText(Path.Combine(app, "nuget.config"), feed.NuGetConfig);

        var (made, madeOutput) = PackagingFeed.Dotnet(app, "run", "-c", "Release");
        var (installed, installedOutput) = PackagingFeed.Dotnet(app, "tool", "install", "StreamKit.Cli", "--tool-path", "tools", "--version", feed.Version, "--configfile", "nuget.config");
        var (code, output) = PackagingFeed.Run(app, Path.Combine(app, "tools", "streamkit"), "verify", "savepoint");

        Assert.True(made == 0, $"The console app failed:\n{madeOutput}");
        Assert.True(installed == 0, $"The tool could not be installed:\n{installedOutput}");
        Assert.True(code == 0, $"The tool failed:\n{output}");
        Assert.Matches(@"^savepoint 0 of job 'packaged': \d+ B verified$", output.Trim());
    }

    [Fact]
    public void LocalState_InstalledIntoANewConsoleApp_OpensAStore()
    {
        var app = Directory.CreateDirectory(Path.Combine(feed.Folder, "local-state-app")).FullName;
        var project = Project.Replace("{version}", feed.Version, StringComparison.Ordinal).Replace("\"StreamKit\"", "\"StreamKit.State.Faster\"", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(app, "App.csproj"), project);
        File.WriteAllText(Path.Combine(app, "Program.cs"), LocalStateProgram);
        File.WriteAllText(Path.Combine(app, "nuget.config"), feed.NuGetConfig);

        var (code, output) = PackagingFeed.Dotnet(app, "run", "-c", "Release");

        Assert.True(code == 0, $"The console app failed:\n{output}");
        Assert.Equal("a store was opened, cut and closed; 2 even numbers", output.Trim());
    }
}
