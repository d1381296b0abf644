using System.Diagnostics;

namespace StreamKit.EndToEnd.Tests;

/// <summary>A disk of 1 MiB in memory. Making one takes root; without, the test is skipped.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const int Size = 1024 * 1024;

    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string Filler => System.IO.Path.Combine(Path, "filler");

    public static SmallDisk Mount(string path)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root on Linux can mount a small disk.");
        Directory.CreateDirectory(path);
        var (code, error) = Run("mount", "-t", "tmpfs", "-o", $"size={Size}", "tmpfs", path);
        Assert.SkipUnless(code == 0, $"A small disk cannot be mounted here: {error}");
        return new SmallDisk(path);
    }

    /// <summary>Takes all space but a little.</summary>
    public void FillUpTo(int remaining) => File.WriteAllBytes(Filler, new byte[Size - remaining]);

    /// <summary>Gives that space back.</summary>
    public void Empty() => File.Delete(Filler);

    public void Dispose()
    {
        // Lazily: a process that is about to end may still have a file open. The folder is free at once.
        var (code, error) = Run("umount", "-l", Path);
        Assert.True(code == 0, $"'{Path}' could not be unmounted: {error}");
    }

    private static (int Code, string Error) Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!; // a new process, never a reused one
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error.Trim());
    }
}
