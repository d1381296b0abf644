namespace StreamKit.Tests.TestSupport;

/// <summary>Files that pin a byte format. They are never changed; a new format version gets a new file beside the old.</summary>
internal static class GoldenFile
{
    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", name));
}
