namespace StreamKit.Tests.TestSupport;

/// <summary>
/// Files that pin a byte format. They are never changed; a new format version gets a new file beside the old. Until the first release they may be made anew:
/// <c>STREAMKIT_UPDATE_GOLDEN</c> is the folder that those tests write to which can make theirs.
/// </summary>
internal static class GoldenFile
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Golden");

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder, name));

    /// <summary>Makes files anew if that is asked for.</summary>
    /// <param name="make">The files by their names within the folder.</param>
    public static void Update(Func<IEnumerable<(string Name, byte[] Content)>> make)
    {
        if (Environment.GetEnvironmentVariable("STREAMKIT_UPDATE_GOLDEN") is not { Length: > 0 } sources)
            return;
        foreach (var (name, content) in make())
        {
            foreach (var folder in new[] { sources, Folder })
            {
                var path = Path.Combine(folder, name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!); // there is a folder above it
                File.WriteAllBytes(path, content);
            }
        }
    }
}
