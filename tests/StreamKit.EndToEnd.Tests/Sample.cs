using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace StreamKit.EndToEnd.Tests;

/// <summary>A temporary folder with an input, and the sample's processes that work in it. Disposing ends what still runs and deletes the folder.</summary>
internal sealed class Sample : IDisposable
{
    private readonly List<SampleProcess> _processes = [];

    private readonly string _assembly;

    /// <param name="program">The program: the sample, or another one of the project's.</param>
    public Sample(string program = "FraudDetection")
    {
        _assembly = FindAssembly(program);
        Directory.CreateDirectory(Folder);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("streamkit-fraud-").FullName;

    /// <summary>What is read; may be set to another sample's before the first start.</summary>
    public string Input { get => field ?? Path.Combine(Folder, "transactions.csv"); set; }

    /// <summary>Where alerts go; may be set before the first start.</summary>
    public string Output { get => field ?? Path.Combine(Folder, "out"); set; }

    /// <summary>Where checkpoints go; may be set before the first start.</summary>
    public string Checkpoints { get => field ?? Path.Combine(Folder, "checkpoints"); set; }

    /// <summary>The sample as the build of the tests has built it.</summary>
    public static string Assembly { get; } = FindAssembly("FraudDetection");

    /// <summary>Starts the sample on this folder.</summary>
    public SampleProcess Start(params IEnumerable<string> options) => StartBy([], options);

    /// <summary>Starts the sample on this folder through another command, which gets the sample's as its arguments.</summary>
    public SampleProcess StartBy(IEnumerable<string> command, params IEnumerable<string> options)
    {
        string[] line = [.. command, "dotnet", "exec", _assembly, "--input", Input, "--output", Output, "--checkpoints", Checkpoints, .. options];
        var process = SampleProcess.Start(line);
        _processes.Add(process);
        return process;
    }

    /// <summary>The committed lines, sorted.</summary>
    public string[] Alerts() => Directory.Exists(Output)
        ? [.. Directory.GetFiles(Output, "*.jsonl").Where(static file => Path.GetFileName(file)[0] is not ('.' or '_')).SelectMany(File.ReadAllLines).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The number of the newest entry of the checkpoint log; 0 when there is none.</summary>
    public long NewestLogEntry()
    {
        var log = Path.Combine(Checkpoints, "log");
        return Directory.Exists(log) ? Directory.GetFiles(log).Select(static file => long.Parse(Path.GetFileName(file), CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max() : 0;
    }

    /// <summary>Waits until something that a process does can be seen.</summary>
    public static async Task UntilAsync(Func<bool> isSeen, SampleProcess process)
    {
        var limit = Stopwatch.StartNew();
        while (!isSeen())
        {
            Assert.False(process.HasExited, $"The process ended before its time: {process}");
            Assert.True(limit.Elapsed < SampleProcess.Limit, $"Nothing was seen within {SampleProcess.Limit}: {process}");
            await Task.Delay(10);
        }
    }

    public void Dispose()
    {
        foreach (var process in _processes)
            process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A sample as the build of the tests has built it.</summary>
    public static string FindAssembly(string program)
    {
        var relative = typeof(Sample).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(each => each.Key == program).Value!; // set by the project
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, relative)))
                return Path.Combine(folder.FullName, relative);
        }

        throw new InvalidOperationException($"No folder above '{AppContext.BaseDirectory}' holds '{relative}'. Build the solution.");
    }
}
