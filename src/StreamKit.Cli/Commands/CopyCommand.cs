namespace StreamKit.Cli.Commands;

/// <summary>Copies a checkpoint or savepoint into a savepoint of its own.</summary>
internal sealed class CopyCommand : Command
{
    private const string Committed = "--committed";

    public override string Name => "copy";

    public override string Summary => "copies a checkpoint or savepoint into a new savepoint";

    public override string Help => """
        streamkit copy FOLDER NEW-FOLDER [--checkpoint N] [--committed]

        NEW-FOLDER must be empty or not exist. Everything is verified on the way. A savepoint may as well be copied by any other means.

          --checkpoint N   that checkpoint instead of the newest one
          --committed      the job has committed the output that the checkpoint names, as it has when it was stopped or went on behind it;
                           a checkpoint that names output is not copied without this
        """;

    public override IReadOnlyCollection<string> Options => ["--checkpoint"];

    public override IReadOnlyCollection<string> Switches => [Committed];

    public override async Task<ExitCode> RunAsync(Arguments arguments, TextWriter output, CancellationToken cancellation)
    {
        var places = arguments.Places("a folder", "a new folder");
        var reader = await Location.OpenAsync(places[0], arguments.Number("--checkpoint"), cancellation);
        if (!arguments.Has(Committed) && reader.Manifest.Transactions.Count > 0)
        {
            throw new StreamKitException(
                $"Checkpoint {reader.Checkpoint} of job '{reader.JobName}' names output of {string.Join(", ", reader.Manifest.Transactions.Select(static each => $"'{each.Sink}'").Distinct())} that is committed after it, "
                + "and whoever begins with a copy would not commit it. Stop the job with a savepoint, or give --committed if you know that it was committed.");
        }

        await SavepointBuilder.From(reader, isCommitted: true).WriteAsync(new FileCheckpointStore(places[1]), cancellation);
        output.WriteLine($"{(reader.IsSavepoint ? "Savepoint" : "Checkpoint")} {reader.Checkpoint} of job '{reader.JobName}' was copied to '{Path.GetFullPath(places[1])}'.");
        return ExitCode.Success;
    }
}
