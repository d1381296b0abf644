namespace StreamKit.State.Faster.Tests;

/// <summary>A temporary folder, deleted at the end of a test.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("streamkit-local-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
