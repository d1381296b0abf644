using StreamKit.Checkpoints;

namespace StreamKit.Cli.Commands;

/// <summary>Reads everything and verifies every checksum.</summary>
internal sealed class VerifyCommand : Command
{
    public override string Name => "verify";

    public override string Summary => "reads everything and verifies every checksum";

    public override string Help => """
        streamkit verify FOLDER [--checkpoint N]

        Verifies a savepoint, or the log of a job and every checkpoint in force. Names all damage that it finds, and ends with exit code 3 if
        there is any.

          --checkpoint N   only that checkpoint
        """;

    public override IReadOnlyCollection<string> Options => ["--checkpoint"];

    public override async Task<ExitCode> RunAsync(Arguments arguments, TextWriter output, CancellationToken cancellation)
    {
        var folder = arguments.Places("a folder")[0];
        var store = Location.Existing(folder);
        var log = new LogReader(store);
        var numbers = await log.ListAsync(cancellation);
        if (numbers.Count == 0 || arguments.Number("--checkpoint") is not null)
            return await VerifyAsync(await Location.OpenAsync(folder, arguments.Number("--checkpoint"), cancellation), output, cancellation);

        var worst = ExitCode.Success;
        var checkpoints = new List<long>();
        var released = new HashSet<long>();
        foreach (var number in numbers)
        {
            try
            {
                var entry = await log.ReadAsync(number, cancellation);
                released = [.. entry.Released];
                if (entry.Kind == LogEntryKind.Checkpoint)
                    checkpoints.Add(number);
            }
            catch (CheckpointDamagedException damage)
            {
                output.WriteLine(damage.Message);
                worst = ExitCode.Damaged;
            }
        }

        foreach (var number in checkpoints.Where(number => !released.Contains(number)))
        {
            if (await VerifyAsync(await StateReader.OpenCheckpointAsync(store, number, cancellation), output, cancellation) == ExitCode.Damaged)
                worst = ExitCode.Damaged;
        }

        return worst;
    }

    private static async Task<ExitCode> VerifyAsync(StateReader reader, TextWriter output, CancellationToken cancellation)
    {
        var name = $"{(reader.IsSavepoint ? "savepoint" : "checkpoint")} {reader.Checkpoint} of job '{reader.JobName}'";
        try
        {
            var bytes = await reader.VerifyAsync(cancellation);
            output.WriteLine($"{name}: {Text.Bytes(bytes)} verified");
            return ExitCode.Success;
        }
        catch (CheckpointDamagedException damage)
        {
            output.WriteLine($"{name}: {damage.Message}");
            return ExitCode.Damaged;
        }
    }
}
