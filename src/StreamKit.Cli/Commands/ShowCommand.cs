namespace StreamKit.Cli.Commands;

/// <summary>What a checkpoint or savepoint consists of.</summary>
internal sealed class ShowCommand : Command
{
    private const string KeyGroups = "--key-groups";

    private static readonly string[] s_columns = ["  KEY GROUP", "STATE", "ROWS", "BYTES"];

    public override string Name => "show";

    public override string Summary => "shows operators, states, types and sizes";

    public override string Help => """
        streamkit show FOLDER [--checkpoint N] [--key-groups]

          --checkpoint N   that checkpoint instead of the newest one
          --key-groups     count rows and bytes by key group; reads all keyed state
        """;

    public override IReadOnlyCollection<string> Options => ["--checkpoint"];

    public override IReadOnlyCollection<string> Switches => [KeyGroups];

    public override async Task<ExitCode> RunAsync(Arguments arguments, TextWriter output, CancellationToken cancellation)
    {
        var reader = await Location.OpenAsync(arguments.Places("a folder")[0], arguments.Number("--checkpoint"), cancellation);
        output.WriteLine($"{(reader.IsSavepoint ? "Savepoint" : "Checkpoint")} {reader.Checkpoint} of job '{reader.JobName}', {Text.Time(reader.Timestamp)}, maximum parallelism {reader.MaxParallelism}{(reader.IsFinished ? ", finished" : "")}.");
        foreach (var each in reader.Operators)
        {
            Show(each, output);
            if (arguments.Has(KeyGroups) && each.States.Count > 0)
                await MeasureAsync(reader, each, output, cancellation);
        }

        return ExitCode.Success;
    }

    private static void Show(StoredOperator each, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"{each.Name}  x{each.Parallelism}, watermark {Text.Watermark(each.Watermark)}{(each.KeyType is null ? "" : $", keys {each.KeyType}, {Text.Bytes(each.Bytes)}")}");
        Text.Table(output, [
            .. each.States.Select(static state => new[] { $"  {state.Kind}", state.Name, state.Type }),
            .. each.Lists.Select(static list => new[] { list.IsUnion ? "  union list" : "  operator list", list.Name, $"{list.Type}, {list.Items} {(list.Items == 1 ? "item" : "items")}, {Text.Bytes(list.Bytes)}" }),
        ]);
    }

    private static async Task MeasureAsync(StateReader reader, StoredOperator each, TextWriter output, CancellationToken cancellation)
    {
        var rows = new List<string[]> { s_columns };
        await foreach (var size in reader.MeasureAsync(each.Name, cancellation))
            rows.Add([$"  {size.KeyGroup}", size.State, $"{size.Rows}", $"{size.Bytes}"]);
        Text.Table(output, rows);
    }
}
