using System.Globalization;

namespace FraudDetection;

/// <summary>What the command line says, over the defaults.</summary>
internal sealed record Options
{
    public const string Usage = """
        usage: dotnet run -c Release --project samples/FraudDetection -- [options]

          --input FILE                    transactions as CSV: id,at,card,merchant,amount,country
                                          (default: 200,000 of its own, made once, in the sample's folder 'data')
          --output DIR                    where alerts are written (default: the sample's folder 'out')
          --checkpoints DIR               where checkpoints are kept (default: the sample's folder 'checkpoints')
          --parallelism N                 subtasks of each operator, 1 to 128 (default: the number of processors)
          --checkpoint-interval SECONDS   time between checkpoints, fractions allowed (default: 1)
          --rate EVENTS_PER_SECOND        limits the whole job, fractions allowed (default: no limit)
          --savepoints DIR                takes savepoints, one after the other, each in a folder of its own: DIR/1, DIR/2, ...
          --from DIR                      begins with a savepoint, where there is no checkpoint yet
          --fresh                         starts over: deletes the alerts and the checkpoints first
          --help                          prints this

        exit codes: 0 finished, or stopped by Ctrl+C behind a final checkpoint; 1 failed; 2 bad arguments;
                    3 another process has taken the job over; 130 ended at once by a second Ctrl+C
        """;

    public string Input { get; private init; } = Path.Combine(SampleFolder(), "data", "transactions.csv");
    public bool HasOwnInput { get; private init; } = true;
    public string Output { get; private init; } = Path.Combine(SampleFolder(), "out");
    public string Checkpoints { get; private init; } = Path.Combine(SampleFolder(), "checkpoints");
    public int Parallelism { get; private init; } = Math.Clamp(Environment.ProcessorCount, 1, MostSubtasks);
    public TimeSpan CheckpointInterval { get; private init; } = TimeSpan.FromSeconds(1);
    public double? Rate { get; private init; }
    public string? Savepoints { get; private init; }
    public string? From { get; private init; }
    public bool Fresh { get; private init; }
    public bool Help { get; private init; }

    private const int MostSubtasks = 128;

    /// <exception cref="UsageException">An argument is unknown, or its value is wrong or missing.</exception>
    public static Options Parse(IEnumerable<string> arguments)
    {
        var options = new Options();
        var rest = new Queue<string>(arguments);
        while (rest.TryDequeue(out var argument))
        {
            options = argument switch
            {
                "--input" => options with { Input = PathOf(argument, rest), HasOwnInput = false },
                "--output" => options with { Output = PathOf(argument, rest) },
                "--checkpoints" => options with { Checkpoints = PathOf(argument, rest) },
                "--parallelism" => options with { Parallelism = (int)Number(argument, rest, "a whole number from 1 to 128", n => n is >= 1 and <= MostSubtasks && n == Math.Floor(n)) },
                "--checkpoint-interval" => options with { CheckpointInterval = TimeSpan.FromSeconds(Number(argument, rest, "seconds from 0.001 to 86400", n => n is >= 0.001 and <= 86_400)) },
                "--rate" => options with { Rate = Number(argument, rest, "events per second, above 0", n => n > 0) },
                "--savepoints" => options with { Savepoints = PathOf(argument, rest) },
                "--from" => options with { From = PathOf(argument, rest) },
                "--fresh" => options with { Fresh = true },
                "--help" or "-h" => options with { Help = true },
                _ => throw new UsageException($"Unknown argument '{argument}'."),
            };
        }

        return options.Output == options.Checkpoints ? throw new UsageException($"--output and --checkpoints are both '{options.Output}'; they must be two folders.") : options;
    }

    private static string PathOf(string argument, Queue<string> rest) => Path.GetFullPath(Value(argument, rest, "a path"));

    private static double Number(string argument, Queue<string> rest, string expected, Func<double, bool> isValid)
    {
        var text = Value(argument, rest, expected);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) && isValid(number)
            ? number
            : throw new UsageException($"{argument} is '{text}', expected {expected}.");
    }

    private static string Value(string argument, Queue<string> rest, string expected) =>
        rest.TryDequeue(out var value) && value.Length > 0 && !value.StartsWith("--", StringComparison.Ordinal)
            ? value
            : throw new UsageException($"{argument} needs a value: {expected}.");

    /// <summary>The folder of the project, from wherever it is started; where there is none, the current one.</summary>
    private static string SampleFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "FraudDetection.csproj")))
                return folder.FullName;
        }

        return Directory.GetCurrentDirectory();
    }
}
