using System.Globalization;
using System.Runtime.InteropServices;
using LargerThanMemory;
using StreamKit;

const long BytesPerDevice = 520;

var folder = Text("--folder", Path.Combine(AppContext.BaseDirectory, "larger-than-memory"));
var budget = Number("--budget", 200) << 20;
var devices = (Number("--state", 3_000) << 20) / BytesPerDevice;
if (args.Contains("--help"))
{
    Console.WriteLine("""
        --state MB       state to build up; default 3000
        --budget MB      memory for state; default 200
        --folder PATH    checkpoints and local state; default beside the program
        --fresh          deletes what an earlier run has left
        """);
    return;
}

if (args.Contains("--fresh") && Directory.Exists(folder))
    Directory.Delete(folder, recursive: true);

var checkpoints = Directory.CreateDirectory(Path.Combine(folder, "checkpoints"));
var stored = checkpoints.EnumerateFiles("*", SearchOption.AllDirectories).Sum(static file => file.Length) >> 20;
var figures = new Figures();
var builder = StreamJob.CreateBuilder("larger-than-memory");
builder.Parallelism = 1;
builder.UseCheckpoints(new FileCheckpointStore(checkpoints.FullName), every: TimeSpan.FromSeconds(5));
builder.UseFasterState(options =>
{
    options.Directory = Path.Combine(folder, "local");
    options.MemoryBudget = budget;
});
builder
    .FromSource("readings", Source.Generate(index => Make(index, devices), splits: 1))
    .KeyBy(reading => reading.Device)
    .Process("profiles", () => new Profiles(figures))
    .SinkTo("nowhere", Sink.Discard<long>());

await using var job = builder.Build();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
{
    signal.Cancel = true;
    Console.WriteLine("Stopping behind a final checkpoint.");
    _ = job.StopAsync(); // how the job ends is seen where it is awaited
});
if (stored > 0)
    Console.WriteLine($"Going on with {stored:N0} MB of checkpoints.");
Console.WriteLine($"{devices:N0} devices. Kill this (process {Environment.ProcessId}) whenever you like, and start it again.");
var run = job.RunAsync();
await figures.ShowUntilAsync(job, run, budget);
await run;

// First each device once, in no order; then any of them.
static Reading Make(long index, long devices)
{
    var mixed = unchecked((index + 1) * (long)0x9E3779B97F4A7C15);
    var device = index < devices ? index : (long)((ulong)mixed % (ulong)devices);
    return new Reading(device, mixed & 1023);
}

string Text(string name, string otherwise) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;

long Number(string name, long otherwise) => long.Parse(Text(name, otherwise.ToString(CultureInfo.InvariantCulture)), NumberStyles.Integer, CultureInfo.InvariantCulture);
