namespace StreamKit.Cli.Tests;

/// <summary>A temporary folder with savepoints of known content, and the checkpoints of a job that was stopped.</summary>
public sealed class StoredFolders : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("streamkit-cli-").FullName;

    /// <summary>Ten keys; the values are long enough to be stored in a file.</summary>
    public string Savepoint => Path.Combine(_root, "savepoint");

    /// <summary>As the other, but for key 3, which is missing, 4, which is another, and 10, which is added.</summary>
    public string Changed => Path.Combine(_root, "changed");

    /// <summary>Checkpoints of a job.</summary>
    public string Checkpoints => Path.Combine(_root, "checkpoints");

    /// <summary>An entry that the job has released and deleted since.</summary>
    public byte[] ReleasedEntry { get; private set; } = [];

    public static string ReleasedEntryName { get; } = Path.Combine("log", "00000000000000000003");

    public string New(string name) => Path.Combine(_root, name);

    public static string ValueOf(long key) => new((char)('a' + key), 5_000);

    public async ValueTask InitializeAsync()
    {
        await WriteAsync(Savepoint, Enumerable.Range(0, 10).Select(key => ((long)key, ValueOf(key))));
        await WriteAsync(Changed, Enumerable.Range(0, 11).Where(key => key != 3).Select(key => ((long)key, ValueOf(key == 4 ? 20 : key))));
        var builder = StreamJob.CreateBuilder("counts");
        builder.Parallelism = 2;
        builder.Checkpoints.Interval = null;
        builder.UseCheckpoints(new FileCheckpointStore(Checkpoints));
        builder.FromSource("numbers", Source.Range(0, long.MaxValue).WithRateLimit(1_000)).Process("known", () => new Known()).KeyBy(x => x % 3).Scan("count", () => 0L, (count, _) => count + 1).SinkTo("out", Sink.Discard<long>());
        await using var job = builder.Build();
        await job.StartAsync();
        for (var checkpoints = 0; checkpoints < 4; checkpoints++)
        {
            await job.TriggerCheckpointAsync();
            if (checkpoints == 1)
                ReleasedEntry = await File.ReadAllBytesAsync(Path.Combine(Checkpoints, ReleasedEntryName));
        }

        await job.StopAsync();
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_root, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static Task WriteAsync(string folder, IEnumerable<(long, string)> values) => SavepointBuilder.Create("letters", maxParallelism: 16)
        .SetValues("op", "letter", values.ToAsyncEnumerable())
        .SetLists("op", "seen", AsyncEnumerable.Range(0, 2).Select(key => ((long)key, (IReadOnlyList<DateOnly>)[new DateOnly(2025, 3, key + 1)])))
        .WriteAsync(new FileCheckpointStore(folder));

    /// <summary>Passes records on, and has a union list of its subtasks.</summary>
    private sealed class Known : ProcessFunction<long, long>
    {
        public override void Open(OperatorContext context) => context.UnionListState<int>("subtasks").Items.Add(context.Subtask);

        public override void Process(long value, Context context) => context.Collect(value);
    }
}
