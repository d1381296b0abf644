using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;

namespace StreamKit.Comparison;

/// <summary>
/// How soon a job works again whose state of 1 GB is behind a store of 10 ms per request and 200 MB/s, and how many keys it then brings in a second while it is still
/// reading. The plain loop reads its whole dictionary first, eight requests at a time.
/// </summary>
internal static class Restarts
{
    private const long Keys = 4_000_000;
    private const int ValueLength = 240;
    private static readonly TimeSpan s_early = TimeSpan.FromSeconds(1);
    private static readonly Lazy<Task<StoredJob>> s_stored = new(StoredJob.MakeAsync);

    public static IEnumerable<Workload> All { get; } =
    [
        new("restart", 100_000,
        [
            new Implementation(Implementation.PlainLoop, static (events, _) => RunPlainAsync(events)),
            new Implementation("streamkit-in-memory", static (events, _) => RunAsync(events, 1, static (_, _) => { })),
            new Implementation("streamkit-tenth", static (events, _) => RunAsync(events, 1, UseTenth)),
            new Implementation("streamkit-at-2", static (events, _) => RunAsync(events, 2, static (_, _) => { })),
            new Implementation("streamkit-at-3", static (events, _) => RunAsync(events, 3, static (_, _) => { })),
        ], MostRounds: 1),
    ];

    private static void UseTenth(StreamJobBuilder builder, string folder) => builder.UseFasterState(options =>
    {
        options.Directory = folder;
        options.MemoryBudget = Keys * ValueLength / 10;
    });

    private static async Task<Run> RunPlainAsync(long events)
    {
        var stored = await s_stored.Value;
        var clock = new FirstRecord();
        var state = await stored.ReadDumpAsync();
        for (var i = 0L; i < events; i++)
        {
            clock.Count();
            var key = Events.Key(i + 1, Keys);
            state[key] = Add(state[key], 1);
        }

        return clock.Result(events);
    }

    private static async Task<Run> RunAsync(long events, int parallelism, Action<StreamJobBuilder, string> configure)
    {
        var stored = await s_stored.Value;
        var copy = Directory.CreateTempSubdirectory("streamkit-comparison-");
        try
        {
            var store = new DistantStore(stored.CopyTo(copy.FullName));
            var clock = new FirstRecord();
            var builder = Build(store, parallelism, "random-keys", Source.Generate(events, static i => Events.Key(i + 1, Keys), splits: parallelism), clock.Count);
            configure(builder, Path.Combine(copy.FullName, "state"));
            await using var job = builder.Build();
            await job.RunAsync(CancellationToken.None);
            return clock.Result(events);
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    private static StreamJobBuilder Build(ICheckpointStore store, int parallelism, string sourceName, Source<long> source, Action onRecord)
    {
        var builder = StreamJob.CreateBuilder("restart");
        builder.Parallelism = parallelism;
        builder.UseCheckpoints(store, TimeSpan.FromMinutes(10));
        builder.AllowNonRestoredState = true; // how far the source was that made the keys
        builder.FromSource(sourceName, source)
            .KeyBy(static key => key)
            .Scan("values", static () => "", (value, _) =>
            {
                onRecord();
                return Add(value, 1);
            })
            .SinkTo("nowhere", Sink.Discard<string>());
        return builder;
    }

    /// <summary>A number with a long tail, so that a row has some 250 bytes.</summary>
    private static string Add(string value, int number) =>
        (number + (value.Length == 0 ? 0 : int.Parse(value.AsSpan(0, 8), CultureInfo.InvariantCulture))).ToString("D8", CultureInfo.InvariantCulture).PadRight(ValueLength, '.');

    /// <summary>Measures from its creation until the first record, and how many follow at once.</summary>
    private sealed class FirstRecord
    {
        private readonly Meter _meter = new();
        private readonly long _started = Stopwatch.GetTimestamp();
        private long _first;
        private long _count;
        private long _early;

        public FirstRecord() => _meter.Start();

        public void Count()
        {
            if (Interlocked.Increment(ref _count) == 1)
                Volatile.Write(ref _first, Stopwatch.GetTimestamp());
            else if (Stopwatch.GetElapsedTime(Volatile.Read(ref _first)) < s_early)
                Interlocked.Increment(ref _early);
        }

        public Run Result(long events) => new(new Outcome(events, 0), _meter.Stop(), string.Create(
            CultureInfo.InvariantCulture,
            $"first record after {Stopwatch.GetElapsedTime(_started, _first).TotalSeconds:F2} s, {_early} of {events} events of random keys in the second behind it"));
    }

    /// <summary>The state as a checkpoint, and as a dump for the plain loop.</summary>
    private sealed class StoredJob(string folder)
    {
        private string Checkpoints => Path.Combine(folder, "checkpoints");

        private string Dumps => Path.Combine(folder, "dump");

        public static async Task<StoredJob> MakeAsync()
        {
            var folder = Directory.CreateTempSubdirectory("streamkit-comparison-").FullName;
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
            var stored = new StoredJob(folder);
            var filled = new TaskCompletionSource();
            var count = 0L;
            var builder = Build(new FileCheckpointStore(stored.Checkpoints), 1, "all-keys", Source.Generate(static i => i % Keys, splits: 1).WithRateLimit(2_000_000), () =>
            {
                if (++count == Keys)
                    filled.TrySetResult();
            });
            await using (var job = builder.Build())
            {
                var run = job.RunAsync(CancellationToken.None);
                await filled.Task;
                await job.StopAsync();
                await run;
            }

            Directory.CreateDirectory(stored.Dumps);
            await using var dump = new BinaryWriter(File.Create(Path.Combine(stored.Dumps, "dump"), 1 << 20));
            for (var key = 0L; key < Keys; key++)
            {
                dump.Write(key);
                dump.Write(Add("", 1));
            }

            return stored;
        }

        /// <summary>Hard links would do, but not everywhere.</summary>
        public FileCheckpointStore CopyTo(string target)
        {
            foreach (var file in Directory.EnumerateFiles(Checkpoints, "*", SearchOption.AllDirectories))
            {
                var to = Path.Combine(target, "checkpoints", Path.GetRelativePath(Checkpoints, file));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!); // it is in a folder
                File.Copy(file, to);
            }

            return new FileCheckpointStore(Path.Combine(target, "checkpoints"));
        }

        public async Task<Dictionary<long, string>> ReadDumpAsync()
        {
            const int Requests = 8;
            var store = new DistantStore(new FileCheckpointStore(Dumps));
            var bytes = new byte[new FileInfo(Path.Combine(Dumps, "dump")).Length];
            var part = (bytes.Length / Requests) + 1;
            await Task.WhenAll(Enumerable.Range(0, Requests).Select(async i =>
            {
                var length = Math.Min(part, bytes.Length - (i * part));
                await using var stream = await store.OpenReadAsync("dump", i * (long)part, length, CancellationToken.None);
                await stream.ReadExactlyAsync(bytes.AsMemory(i * part, length));
            }));
            using var reader = new BinaryReader(new MemoryStream(bytes));
            var state = new Dictionary<long, string>();
            for (var i = 0L; i < Keys; i++)
            {
                var key = reader.ReadInt64();
                state.Add(key, reader.ReadString());
            }

            return state;
        }
    }

    /// <summary>A store at 10 ms and 200 MB/s, all requests together.</summary>
    private sealed class DistantStore(ICheckpointStore store) : ICheckpointStore
    {
        private const double BytesPerSecond = 200e6;
        private static readonly TimeSpan s_wait = TimeSpan.FromMilliseconds(10);

        private readonly Lock _lock = new();
        private long _free = Stopwatch.GetTimestamp();

        public async ValueTask PutAsync(string name, PipeReader content, CancellationToken cancellationToken)
        {
            await Task.Delay(s_wait, cancellationToken);
            await store.PutAsync(name, content, cancellationToken);
        }

        public async ValueTask<bool> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
        {
            await Task.Delay(s_wait, cancellationToken);
            return await store.TryCreateAsync(name, content, cancellationToken);
        }

        public async ValueTask<Stream> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellationToken)
        {
            await Task.Delay(s_wait + Transfer(length ?? 0), cancellationToken);
            return await store.OpenReadAsync(name, offset, length, cancellationToken);
        }

        public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Delay(s_wait, cancellationToken);
            await foreach (var each in store.ListAsync(prefix, cancellationToken))
                yield return each;
        }

        public async ValueTask DeleteAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
        {
            await Task.Delay(s_wait, cancellationToken);
            await store.DeleteAsync(names, cancellationToken);
        }

        /// <summary>How long it takes until the line has been free for so many bytes.</summary>
        private TimeSpan Transfer(long bytes)
        {
            lock (_lock)
            {
                var now = Stopwatch.GetTimestamp();
                _free = Math.Max(_free, now) + (long)(bytes / BytesPerSecond * Stopwatch.Frequency);
                return Stopwatch.GetElapsedTime(now, _free);
            }
        }
    }
}
