namespace StreamKit.State.Faster.Tests;

/// <summary>Stores of the smallest size under random work: most rows are on disk, and the oldest are dropped again and again.</summary>
public class LocalStoreModelTests
{
    private const int Steps = 2500;
    private const int Keys = 6000;

    /// <summary>Set to repeat one run.</summary>
    private static readonly int s_firstSeed = int.Parse(Environment.GetEnvironmentVariable("STREAMKIT_SEED") ?? "1", null);

    /// <summary>Set for a long run: how many seeds each test tries.</summary>
    private static readonly int s_seeds = int.Parse(Environment.GetEnvironmentVariable("STREAMKIT_LOCAL_SEEDS") ?? "3", null);

    [Fact]
    public void Store_WithoutAnExecutor_AnswersAsTheModel() => EachSeed(seed =>
    {
        var files = new FaultyFiles();
        using var store = TestStore.Open(files, sizes: TestStore.Deep);
        var model = new StoreModel(seed, store, Keys);

        model.Work(2 * Steps);
        model.ReadEverything();

        Assert.True(model.Found > 40_000 && model.Dropped > 1000 && files.Reads > 25_000, $"{model.Found} found, {model.Dropped} dropped, {files.Reads} reads: the run shows little.");
        Assert.InRange(files.MostBytes, TestStore.Deep.DiskBytes / 2, TestStore.Deep.DiskBytes);
    });

    [Fact]
    public void Store_WithWorkScheduledAtRandom_AnswersAsTheModel() => EachSeed(seed =>
    {
        var scheduled = new Queue<IThreadPoolWorkItem>();
        using var store = TestStore.Open(new FaultyFiles(), scheduled.Enqueue);
        var model = new StoreModel(seed, store, Keys)
        {
            Meanwhile = () =>
            {
                if (scheduled.TryDequeue(out var work))
                    work.Execute();
            },
        };

        model.Work(Steps);
        model.ReadEverything();
    });

    [Fact]
    public void Store_WithWritesOnOtherThreadsAndRealFiles_AnswersAsTheModel() => EachSeed(seed =>
    {
        using var folder = new TestFolder();
        using var store = TestStore.Open(new SegmentFiles(Path.Combine(folder.Path, "s")), work => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false));
        var model = new StoreModel(seed, store, Keys);

        model.Work(Steps);
        model.ReadEverything();
    });

    [Fact]
    public void Store_OnADiskSmallerThanItsBudget_AnswersAsTheModel() => EachSeed(seed =>
    {
        var files = new FaultyFiles { Capacity = 1200 << 10 };
        using var store = TestStore.Open(files);
        var model = new StoreModel(seed, store, Keys);

        model.Work(Steps);
        model.ReadEverything();

        Assert.True(model.TimesFull > 0, "The disk was never full.");
    });

    [Fact]
    public void Store_WithFaultsThatPass_AnswersAsTheModel() => EachSeed(seed =>
    {
        var faults = new Faults(ShortReads: 0.05, ReadErrors: 0.02, WriteErrors: 0.02, DeleteErrors: 0.02);
        using var store = TestStore.Open(new FaultyFiles(seed, faults), attempts: 20);
        var model = new StoreModel(seed, store, Keys);

        model.Work(Steps);
        model.ReadEverything();
    });

    /// <summary>Nothing is tried again, so the store fails sooner or later. Until then it is right, and from then on it only says so.</summary>
    [Fact]
    public void Store_WithFaultsThatStay_AnswersAsTheModelUntilItFails() => EachSeed(seed =>
    {
        for (var run = 0; run < 3; run++)
        {
            var rare = seed % 2 == 0 ? new Faults(ReadErrors: 0.0002, DeleteErrors: 0.01) : new Faults(WriteErrors: 0.01);
            using var store = TestStore.Open(new FaultyFiles(seed * 100 + run, rare), attempts: 1);
            var model = new StoreModel(seed * 100 + run, store, Keys);

            Assert.Throws<LocalStoreFailedException>(() =>
            {
                model.Work(Steps * 10);
            });

            Assert.Throws<LocalStoreFailedException>(model.ReadEverything);
            Assert.Throws<LocalStoreFailedException>(() => store.Cut());
            Assert.Throws<LocalStoreFailedException>(() => store.Upsert("key", "value"));
        }
    });

    private static void EachSeed(Action<int> run)
    {
        for (var seed = s_firstSeed; seed < s_firstSeed + s_seeds; seed++)
        {
            try
            {
                run(seed);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed} failed; repeat it with STREAMKIT_SEED={seed} STREAMKIT_LOCAL_SEEDS=1.", e);
            }
        }
    }
}
