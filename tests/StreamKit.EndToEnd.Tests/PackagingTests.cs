using System.IO.Compression;
using System.Reflection.Metadata;
using System.Xml.Linq;

namespace StreamKit.EndToEnd.Tests;

/// <summary>The packages hold what they promise.</summary>
public sealed class PackagingTests(PackagingFeed feed) : IClassFixture<PackagingFeed>
{
    private static readonly Guid _sourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    [Fact]
    public void Packages_Packed_HoldReadmeLicenseAndDocumentation()
    {
        foreach (var name in feed.PackageNames)
        {
            using var package = ZipFile.OpenRead(feed.PackagePath(name, ".nupkg"));
            var files = package.Entries.Select(entry => entry.FullName).ToList();

            Assert.Contains("README.md", files);
            Assert.Contains($"lib/net10.0/{name}.dll", files);
            Assert.Contains($"lib/net10.0/{name}.xml", files);
            using var stream = package.GetEntry($"{name}.nuspec")!.Open();
            var metadata = XDocument.Load(stream).Root!.Elements().Single().Elements().ToLookup(element => element.Name.LocalName);
            Assert.Equal("Apache-2.0", metadata["license"].Single().Value);
            Assert.Equal("expression", (string?)metadata["license"].Single().Attribute("type"));
            Assert.Equal("README.md", metadata["readme"].Single().Value);
            Assert.NotEqual("Package Description", metadata["description"].Single().Value);
        }
    }

    [Fact]
    public void SymbolPackages_Packed_LeadToTheSources()
    {
        Assert.SkipUnless(feed.HasGit, "there is no git on the path, and without it no SourceLink");

        foreach (var name in feed.PackageNames)
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
}
