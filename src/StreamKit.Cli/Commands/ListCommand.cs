using System.Globalization;
using StreamKit.Checkpoints;

namespace StreamKit.Cli.Commands;

/// <summary>What a folder holds: a savepoint, or the entries of a job's log.</summary>
internal sealed class ListCommand : Command
{
    private static readonly string[] s_columns = ["NUMBER", "KIND", "TIME", "STATE", "BY CLAIM", ""];

    public override string Name => "list";

    public override string Summary => "lists a job's checkpoints, or says what savepoint a folder holds";

    public override string Help => """
        streamkit list FOLDER

        Lists the entries of the job's log: checkpoints, and claims, with which runners have taken the job over. The last entry is what the
        job goes on from. 'released' checkpoints are given up and about to be deleted.
        """;

    public override async Task<ExitCode> RunAsync(Arguments arguments, TextWriter output, CancellationToken cancellation)
    {
        var store = Location.Existing(arguments.Places("a folder")[0]);
        var log = new LogReader(store);
        var numbers = await log.ListAsync(cancellation);
        if (numbers.Count == 0)
        {
            var savepoint = await StateReader.OpenAsync(store, cancellation);
            output.WriteLine($"Savepoint of job '{savepoint.JobName}', checkpoint {savepoint.Checkpoint}, {Text.Time(savepoint.Timestamp)}, {Text.Bytes(savepoint.Operators.Sum(static each => each.Bytes))} of keyed state.");
            return ExitCode.Success;
        }

        var last = await log.ReadAsync(numbers[^1], cancellation);
        output.WriteLine($"Job '{last.Job.Name}', id {last.Job.Id:D}, maximum parallelism {last.Job.MaxParallelism}.");
        var rows = new List<string[]> { s_columns };
        var damaged = false;
        foreach (var number in numbers)
        {
            try
            {
                rows.Add(Row(await log.ReadAsync(number, cancellation), last));
            }
            catch (CheckpointDamagedException damage)
            {
                damaged = true;
                rows.Add([number.ToString(CultureInfo.InvariantCulture), "damaged", "", "", "", damage.Message]);
            }
            catch (StoredObjectNotFoundException)
            {
                // Released by the job since it was listed.
            }
        }

        Text.Table(output, rows);
        return damaged ? ExitCode.Damaged : ExitCode.Success;
    }

    private static string[] Row(LogEntry entry, LogEntry last)
    {
        var isClaim = entry.Kind == LogEntryKind.Claim;
        var note = isClaim ? entry.Manifest is { } from ? $"goes on from {from.Number}" : "begins"
            : last.Released.Contains(entry.Number) ? "released"
            : entry.Manifest is { Finished: true } ? "the job has finished"
            : "";
        return
        [
            entry.Number.ToString(CultureInfo.InvariantCulture),
            isClaim ? "claim" : "checkpoint",
            Text.Time(DateTimeOffset.FromUnixTimeMilliseconds(entry.Timestamp)),
            isClaim ? "" : Text.Bytes(entry.Manifest?.Operators.SelectMany(static each => each.Segments).Sum(static each => each.Length) ?? 0),
            entry.Claim.ToString(CultureInfo.InvariantCulture),
            note,
        ];
    }
}
