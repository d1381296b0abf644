namespace FraudDetection;

/// <summary>Deletes what earlier runs have left, and nothing that others have put beside it.</summary>
internal static class FreshStart
{
    /// <exception cref="IOException">Another process runs with these files.</exception>
    public static void Run(Options options)
    {
        using var alone = RunLock.ForStartingOver(options);
        if (Directory.Exists(options.Output))
        {
            foreach (var file in Directory.EnumerateFiles(options.Output).Where(IsAlertFile))
                File.Delete(file);
        }

        foreach (var folder in (string[])["log", "data", ".tmp"])
        {
            var path = Path.Combine(options.Checkpoints, folder);
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
        }
    }

    private static bool IsAlertFile(string path)
    {
        var name = Path.GetFileName(path);
        return name.StartsWith($"part-{FraudJob.Sink}-", StringComparison.Ordinal) || name.StartsWith($".{FraudJob.Sink}.", StringComparison.Ordinal);
    }
}
