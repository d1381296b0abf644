using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.Versioning;

namespace StreamKit.EndToEnd.Tests;

/// <summary>The store of checkpoints on a real disk that is full, and in real processes that are killed while they write.</summary>
public class FileCheckpointStoreTests(ITestOutputHelper output)
{
    private const string FolderVariable = "STREAMKIT_PUT_FOLDER";
    private const string SeedVariable = "STREAMKIT_PUT_SEED";

    [Fact]
    public async Task Store_OnADiskThatIsFull_SaysSoKeepsWhatIsThereAndGoesOnWithSpace()
    {
        using var folder = new Sample();
        using var disk = SmallDisk.Mount(Path.Combine(folder.Folder, "disk"));
        var store = new FileCheckpointStore(Path.Combine(disk.Path, "store"));
        await PutAsync(store, "data/1/a", Content(1, 60_000));
        Assert.True(await store.TryCreateAsync("log/1", Content(2, 1_000), default));
        disk.FillUpTo(remaining: 128 * 1024); // of which the objects take the half

        Func<Task>[] writes =
        [
            () => PutAsync(store, "data/1/a", Content(3, 200_000)),
            () => PutAsync(store, "data/1/b", Content(4, 200_000)),
            () => store.TryCreateAsync("log/2", Content(5, 200_000), default).AsTask(),
        ];
        foreach (var write in writes)
        {
            var failure = await Assert.ThrowsAsync<StreamKitException>(write);
            Assert.Contains("errno 28", failure.Message, StringComparison.Ordinal);
            Assert.Contains(store.Directory, failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(["data/1/a", "log/1"], await CheckAllAsync(store));
        Assert.Equal(60_000, new FileInfo(Path.Combine(store.Directory, "data/1/a")).Length);
        Assert.Empty(Directory.GetFiles(Path.Combine(store.Directory, ".tmp")));
        disk.Empty();
        foreach (var write in writes)
            await write();
        Assert.Equal(["data/1/a", "data/1/b", "log/1", "log/2"], await CheckAllAsync(store));
    }

    /// <summary>STREAMKIT_KILL_SEED repeats a run's choices, STREAMKIT_KILLS sets the number of kills.</summary>
    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Store_OfAProcessKilledInTheMiddleOfPuts_HoldsWholeObjectsOnly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no kill -9.");
        var seed = int.Parse(Environment.GetEnvironmentVariable("STREAMKIT_KILL_SEED") ?? $"{Environment.TickCount}", CultureInfo.InvariantCulture);
        var kills = int.Parse(Environment.GetEnvironmentVariable("STREAMKIT_KILLS") ?? "8", CultureInfo.InvariantCulture);
        output.WriteLine($"seed {seed}: STREAMKIT_KILL_SEED={seed} repeats these choices");
        var random = new Random(seed);
        using var sample = new Sample();
        var store = new FileCheckpointStore(Path.Combine(sample.Folder, "store"));
        var (interrupted, created) = (0, new Dictionary<string, byte[]>());

        for (var kill = 1; kill <= kills; kill++)
        {
            var before = Objects(store.Directory);
            using var process = Putting(store.Directory, random.Next());
            await Sample.UntilAsync(() => Objects(store.Directory) > before, process);
            await Task.Delay(random.Next(100));
            await process.KillAsync();

            var temporary = Directory.GetFiles(Path.Combine(store.Directory, ".tmp")).Length;
            interrupted += temporary;
            var names = await CheckAllAsync(store);
            output.WriteLine($"kill {kill}: {names.Count} whole objects, {temporary} puts interrupted");
            foreach (var (name, content) in created)
                Assert.Equal(content, await ReadAsync(store, name)); // created once, never changed
            foreach (var name in names.Where(name => name.StartsWith("log/", StringComparison.Ordinal)))
                created.TryAdd(name, await ReadAsync(store, name));
        }

        Assert.True(interrupted > 0, "Puts must have been interrupted for the test to say anything.");
        Assert.NotEmpty(created);
        await PutAsync(new FileCheckpointStore(store.Directory), "data/last", Content(1, 10));
        Assert.Empty(Directory.GetFiles(Path.Combine(store.Directory, ".tmp")));
    }

    /// <summary>What the killed processes do: new objects, objects replaced, and entries created, by four writers at once.</summary>
    [Fact(Explicit = true)]
    public Task PutUntilKilled()
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable) ?? throw new InvalidOperationException($"{FolderVariable} names no folder; this runs as a process of another test.");
        var seed = int.Parse(Environment.GetEnvironmentVariable(SeedVariable) ?? "0", CultureInfo.InvariantCulture);
        var store = new FileCheckpointStore(folder);
        return Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() => PutForeverAsync(store, writer, new Random(seed + writer)))));
    }

    private static async Task PutForeverAsync(FileCheckpointStore store, int writer, Random random)
    {
        var limit = Stopwatch.StartNew(); // whoever was to kill it may be gone
        for (var i = 0; limit.Elapsed < SampleProcess.Limit; i++)
        {
            await PutAsync(store, $"data/{writer}/{random.Next(20)}", Content(random.Next(), random.Next(300_000)));
            await store.TryCreateAsync($"log/{random.Next(100_000)}", Content(random.Next(), random.Next(20_000)), default);
        }
    }

    private static SampleProcess Putting(string folder, int seed) => SampleProcess.Start(
    [
        "env", $"{FolderVariable}={folder}", $"{SeedVariable}={seed}", "dotnet", "exec", typeof(FileCheckpointStoreTests).Assembly.Location,
        "-explicit", "only", "-method", $"{typeof(FileCheckpointStoreTests).FullName}.{nameof(PutUntilKilled)}",
    ]);

    private static int Objects(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Count(static file => !file.Contains("/.tmp/", StringComparison.Ordinal)) : 0;

    /// <summary>Bytes that tell whether they are whole: their length, a seed, and what follows from it.</summary>
    private static byte[] Content(int seed, int length)
    {
        var bytes = new byte[Math.Max(length, 2 * sizeof(int))];
        new Random(seed).NextBytes(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(sizeof(int)), seed);
        return bytes;
    }

    /// <summary>Checks that every object is whole, and gives their names.</summary>
    private static async Task<List<string>> CheckAllAsync(FileCheckpointStore store)
    {
        var names = new List<string>();
        await foreach (var each in store.ListAsync("", default))
        {
            var bytes = await ReadAsync(store, each.Name);
            Assert.True(bytes.Length >= 2 * sizeof(int), $"'{each.Name}' has {bytes.Length} bytes.");
            var expected = Content(BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(sizeof(int))), BinaryPrimitives.ReadInt32LittleEndian(bytes));
            Assert.True(bytes.AsSpan().SequenceEqual(expected), $"'{each.Name}' is not whole: it has {bytes.Length} bytes, {expected.Length} were put.");
            names.Add(each.Name);
        }

        return names;
    }

    private static async Task<byte[]> ReadAsync(FileCheckpointStore store, string name)
    {
        await using var stream = await store.OpenReadAsync(name, 0, null, default);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private static Task PutAsync(FileCheckpointStore store, string name, byte[] content) => store.PutAsync(name, PipeReader.Create(new MemoryStream(content)), default).AsTask();
}
