using System.Globalization;
using StreamKit;

// The process that the kill tests kill: each key is visited a few times, its text comes back from state, and at the last visit its line is written. State takes several times the memory.
const int VisitsPerKey = 3;
const double RecordsPerSecond = 30_000;

var options = args.Chunk(2).ToDictionary(static pair => pair[0], static pair => pair[1]);
var keys = int.Parse(options["--keys"], CultureInfo.InvariantCulture);
var builder = StreamJob.CreateBuilder("large-state");
builder.Parallelism = int.Parse(options["--parallelism"], CultureInfo.InvariantCulture);
builder.UseCheckpoints(new FileCheckpointStore(options["--checkpoints"]), every: TimeSpan.FromMilliseconds(200));
builder.UseFasterState(state =>
{
    state.Directory = options["--state"];
    state.MemoryBudget = 4 << 20;
});
builder
    .FromSource("numbers", Source.Range(0, (long)keys * VisitsPerKey).WithRateLimit(RecordsPerSecond))
    .KeyBy(x => x % keys)
    .Scan(
        "visits",
        static () => new Visits(0, 0, 0, ""),
        (visits, x) => new Visits(x % keys, visits.Count + 1, visits.Sum + x, visits.Count == 0 ? Visits.TextOf(x % keys) : visits.Text))
    .Filter(static visits => visits.Count >= VisitsPerKey)
    .SinkTo("totals", FileSink.JsonLines<Visits>(options["--output"]));
await using var job = builder.Build();
await job.RunAsync();
