using System.Globalization;
using System.IO.Pipelines;
using System.Threading.Channels;

namespace StreamKit.Benchmarks;

/// <summary>
/// What a job uploads beside what has changed: 100 checkpoints, 1% of the keys changing between two of them. Changed are the bytes of keys and
/// values as they are serialized; uploaded is what the store got: segments of checkpoints, merged segments, and the log.
/// </summary>
internal static class UploadedBytes
{
    private const int Checkpoints = 100;
    private const int ReportedEach = 10;

    /// <param name="args">The number of keys.</param>
    public static async Task RunAsync(string[] args)
    {
        int keys = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1_000_000;
        await MeasureAsync<long>("numbers", keys, static (last, record) => last + record, LengthOf);
        string text = new('x', 100);
        await MeasureAsync<string>("texts of 100 characters", keys, (_, record) => text, static _ => 102);
    }

    private static async Task MeasureAsync<T>(string name, int keys, Func<T, long, T> next, Func<T, int> lengthOf)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("streamkit-uploads-");
        try
        {
            var store = new CountingStore(new FileCheckpointStore(folder.FullName));
            Channel<long> records = Channel.CreateUnbounded<long>();
            long processed = 0;
            StreamJobBuilder builder = StreamJob.CreateBuilder("uploads");
            builder.Parallelism = 1;
            builder.UseCheckpoints(store, TimeSpan.FromHours(1));
            builder.FromSource("records", Source.FromChannel(records.Reader))
                .KeyBy(static record => record)
                .Scan("value", static () => default(T)!, next)
                .SinkTo("count", Sink.ForEach<T>(_ => Interlocked.Increment(ref processed)));
            await using StreamJob job = builder.Build();
            await job.StartAsync();
            long written = 0;
            Console.WriteLine($"{name}: {keys} keys\ncheckpoint\tchanged\tuploaded\tof it merged\tlog\tuploaded without merges / changed");
            var sums = new T[keys];
            var random = new Random(1);
            Count total = default;
            for (int i = 0; i <= Checkpoints; i++)
            {
                var dirty = new HashSet<long>();
                for (int j = 0; j < (i == 0 ? keys : keys / 100); j++)
                {
                    long key = i == 0 ? j : random.NextInt64(keys);
                    dirty.Add(key);
                    sums[key] = next(sums[key], key);
                    records.Writer.TryWrite(key);
                    written++;
                }

                while (Interlocked.Read(ref processed) < written)
                    await Task.Delay(5);
                await job.TriggerCheckpointAsync();
                Count count = store.Take() with { Changed = dirty.Sum(key => (long)LengthOf(key) + lengthOf(sums[key])) };
                if (i == 0)
                    continue; // all keys are new to it
                total += count;
                if (i % ReportedEach == 0)
                    Console.WriteLine($"{i}\t{count}");
            }

            Console.WriteLine($"all\t{total}");
            records.Writer.Complete();
            await job.WaitAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>What a whole number from 0 takes in the MessagePack format.</summary>
    private static int LengthOf<T>(T value) => Convert.ToInt64(value, CultureInfo.InvariantCulture) switch
    {
        < 0x80 => 1,
        <= byte.MaxValue => 2,
        <= ushort.MaxValue => 3,
        <= uint.MaxValue => 5,
        _ => 9,
    };

    private readonly record struct Count(long Changed, long Segments, long Merged, long Log)
    {
        public static Count operator +(Count left, Count right) =>
            new(left.Changed + right.Changed, left.Segments + right.Segments, left.Merged + right.Merged, left.Log + right.Log);

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Changed}\t{Segments + Merged + Log}\t{Merged}\t{Log}\t{(double)(Segments + Log) / Changed:F3}");
    }

    /// <summary>Counts the bytes on their way into a store.</summary>
    private sealed class CountingStore(ICheckpointStore store) : ICheckpointStore
    {
        private long _segments;
        private long _merged;
        private long _log;

        public Count Take() => new(0, Interlocked.Exchange(ref _segments, 0), Interlocked.Exchange(ref _merged, 0), Interlocked.Exchange(ref _log, 0));

        public async ValueTask PutAsync(string name, PipeReader content, CancellationToken cancellationToken)
        {
            using var bytes = new MemoryStream();
            await content.CopyToAsync(bytes, cancellationToken);
            Interlocked.Add(ref name.Contains("merged", StringComparison.Ordinal) ? ref _merged : ref _segments, bytes.Length);
            bytes.Position = 0;
            await store.PutAsync(name, PipeReader.Create(bytes), cancellationToken);
        }

        public ValueTask<bool> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
        {
            Interlocked.Add(ref _log, content.Length);
            return store.TryCreateAsync(name, content, cancellationToken);
        }

        public ValueTask<Stream> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellationToken) => store.OpenReadAsync(name, offset, length, cancellationToken);

        public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => store.ListAsync(prefix, cancellationToken);

        public ValueTask DeleteAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken) => store.DeleteAsync(names, cancellationToken);
    }
}
