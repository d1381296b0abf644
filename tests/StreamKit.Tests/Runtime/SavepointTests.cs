using StreamKit.Checkpoints;
using StreamKit.Runtime;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

/// <summary>Savepoints of simulated jobs, and jobs that begin with them.</summary>
public class SavepointTests
{
    private static readonly DateTimeOffset s_start = new(2025, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly InMemoryCheckpointStore _store = new();
    private readonly InMemoryCheckpointStore _savepoint = new();

    [Theory]
    [InlineData(1, 3)]
    [InlineData(3, 1)]
    [InlineData(2, 2)]
    public async Task StopWithSavepoint_AnotherJobStartedFromIt_GivesTheRestOfTheOutput(int before, int after)
    {
        var first = new EveryStateJob();
        var stopped = Job(1, first, _store, before);
        stopped.Step(1_500);
        var taken = stopped.Job.StopWithSavepointAsync(_savepoint);
        stopped.Complete();
        var second = new EveryStateJob();
        var store = new InMemoryCheckpointStore();

        var next = Job(2, second, store, after, builder => builder.RestoreFrom(_savepoint));
        next.Complete();

        Assert.Equal(JobStatus.Stopped, stopped.Job.Status);
        Assert.True((await taken).Bytes > 0);
        Assert.NotEmpty(first.Committed);
        Assert.NotEmpty(second.Committed);
        Assert.Equal(EveryStateJob.Expected.Order(), first.Committed.Concat(second.Committed).Order());
        Assert.Equal((0, 0), (first.Prepared, second.Prepared));
    }

    [Fact]
    public void Start_FromASavepoint_NeedsNothingOfItAfterTheFirstCheckpoint()
    {
        var first = StopWithSavepoint();
        var second = new EveryStateJob();
        var store = new InMemoryCheckpointStore();
        var job = Job(2, second, store, 2, builder => builder.RestoreFrom(_savepoint));
        while (!store.Names.Contains(StoredNames.LogEntry(2)))
            job.Step(1);
        _savepoint.Before = (_, name) => throw new StreamKitException($"'{name}' is away");
        job.Step(300);

        // It crashes, and goes on with the same description, savepoint and all.
        Job(3, second, store, 3, builder => builder.RestoreFrom(_savepoint)).Complete();

        Assert.Equal(EveryStateJob.Expected.Order(), first.Committed.Concat(second.Committed).Order());
    }

    /// <summary>What had expired when the savepoint was taken stays so, whatever the clock of the next machine says.</summary>
    [Fact]
    public void Start_FromASavepointWithAClockThatIsBehind_CountsOnFromTheSavepointsTime()
    {
        StopWithSavepoint();
        var store = new InMemoryCheckpointStore();

        var job = new SimulatedJob(2, s_start - TimeSpan.FromDays(1), builder =>
        {
            new EveryStateJob().Describe(builder, store, 2);
            builder.RestoreFrom(_savepoint);
        });
        while (!store.Names.Contains(StoredNames.LogEntry(2)))
            job.Step(1);
        var imported = LogEntryFormat.Decode(StoredNames.LogEntry(2), store.Content(StoredNames.LogEntry(2)));
        job.Complete();

        Assert.True(imported.Manifest!.Timestamp >= Read(_savepoint).Timestamp);
        Assert.True(Newest(store).Timestamp >= imported.Timestamp);
    }

    [Fact]
    public void Start_FromASavepoint_IsAnotherJob()
    {
        StopWithSavepoint();
        var ids = new List<Guid>();
        for (ulong seed = 10; seed < 12; seed++)
        {
            var store = new InMemoryCheckpointStore();
            Job(seed, new EveryStateJob(), store, 2, builder => builder.RestoreFrom(_savepoint)).Complete();
            ids.Add(Newest(store).Job.Id);
        }

        Assert.Equal(2, ids.Append(Newest(_store).Job.Id).Distinct().Count() - 1);
        Assert.Equal(Newest(_store).Job.Id, Read(_savepoint).Job.Id);
    }

    [Fact]
    public void Savepoint_Written_NamesOnlyWhatLiesBesideIt()
    {
        StopWithSavepoint();

        var savepoint = Read(_savepoint);

        Assert.Equal(_savepoint.Names.Where(name => name != "savepoint").Order(), savepoint.ObjectNames.Order());
        Assert.NotEmpty(savepoint.ObjectNames);
        Assert.Empty(savepoint.Transactions);
        Assert.All(savepoint.Operators, each => Assert.All(each.Segments, segment => Assert.InRange(segment.Sequence, 1, each.Segments.Count)));
    }

    [Fact]
    public async Task TriggerSavepoint_WhileCheckpointsGoOn_KeepsItsCheckpointUntilItIsCopied()
    {
        var state = new EveryStateJob();
        var gate = new TaskCompletionSource();
        _savepoint.Before = async (call, _) =>
        {
            if (call == StoreCall.Put)
                await gate.Task;
        };
        var job = Job(1, state, _store, 2, builder => builder.Checkpoints.Retained = 1);
        job.Step(1_500);
        var until = Newest(_store).Number + 4;
        var taken = job.Job.TriggerSavepointAsync(_savepoint);
        while (!taken.IsCompleted && Newest(_store).Number < until)
            job.Step(1);
        Assert.False(taken.IsCompleted);
        var keptWhileCopied = Newest(_store).Retained;
        gate.SetResult();
        job.Complete();

        Assert.Equal(2, keptWhileCopied.Count);
        Assert.Equal(keptWhileCopied[0], (await taken).Checkpoint);
        Assert.Single(Newest(_store).Retained);
        Assert.DoesNotContain(StoredNames.LogEntry(keptWhileCopied[0]), _store.Names);
        Assert.Equal(EveryStateJob.Expected.Order(), state.Committed.Order());
    }

    [Fact]
    public async Task TriggerSavepoint_IntoALocationThatIsInUse_IsRefusedByNameAndTheJobGoesOn()
    {
        var state = new EveryStateJob();
        var job = Job(1, state, _store, 2);
        job.Step(1_500);
        await _savepoint.TryCreateAsync("savepoint", new byte[1], default);

        var taken = job.Job.TriggerSavepointAsync(_savepoint);
        var stopped = job.Job.StopWithSavepointAsync(_store);
        job.Complete();

        var error = await Assert.ThrowsAsync<StreamKitException>(() => taken);
        Assert.Contains("cannot be written to 'memory': the location holds 'savepoint'", error.Message, StringComparison.Ordinal);
        Assert.Contains("the location holds 'data/", (await Assert.ThrowsAsync<StreamKitException>(() => stopped)).Message, StringComparison.Ordinal);
        Assert.Equal(JobStatus.Finished, job.Job.Status);
        Assert.Equal(EveryStateJob.Expected.Order(), state.Committed.Order());
    }

    [Fact]
    public async Task TriggerSavepoint_OfADamagedSegment_FailsAndLeavesNothing()
    {
        var job = Job(1, new EveryStateJob(), _store, 2);
        job.Step(1_500);
        foreach (var name in _store.Names.Where(name => name.StartsWith(StoredNames.DataPrefix, StringComparison.Ordinal)))
            _store.Damage(name, Flip);

        var taken = job.Job.TriggerSavepointAsync(_savepoint);
        while (!taken.IsCompleted)
            job.Step(1);

        var error = await Assert.ThrowsAsync<CheckpointDamagedException>(() => taken);
        Assert.StartsWith("data/", error.ObjectName, StringComparison.Ordinal);
        Assert.Empty(_savepoint.Names);
        Assert.Equal(JobStatus.Running, job.Job.Status);
    }

    [Fact]
    public async Task TriggerSavepoint_WhileASinkCannotCommit_FailsAndSucceedsLater()
    {
        var world = new OutsideWorld<long>();
        var job = new SimulatedJob(1, s_start, builder =>
        {
            builder.Checkpoints.Interval = null;
            builder.UseCheckpoints(_store);
            builder.FromSource("numbers", Source.Range(0, 1_000).WithRateLimit(1_000)).SinkTo("out", world.AsSink());
        });
        job.Step(200);
        world.BeforeCommit = () => throw new IOException("away");
        var failed = job.Job.TriggerSavepointAsync(_savepoint);
        while (!failed.IsCompleted)
            job.Step(1);
        world.BeforeCommit = null;
        var taken = job.Job.TriggerSavepointAsync(_savepoint);
        while (!taken.IsCompleted)
            job.Step(1);
        var committed = world.Committed.Count;
        job.Complete();

        var error = await Assert.ThrowsAsync<StreamKitException>(() => failed);
        Assert.Contains("no savepoint was made of checkpoint 2, because 'out' could not commit what it names", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, (await taken).Checkpoint);
        Assert.NotEqual(0, committed);
        Assert.Equal(Enumerable.Range(0, 1_000).Select(x => (long)x), world.Committed.Order());
    }

    [Fact]
    public async Task StopWithSavepoint_WhoseCopyFails_SaysSoAndStopsBehindACheckpoint()
    {
        var state = new EveryStateJob();
        var job = Job(1, state, _store, 2);
        job.Step(1_500);
        _savepoint.Before = (call, name) => call == StoreCall.Put ? throw new StreamKitException($"'{name}' cannot be stored") : ValueTask.CompletedTask;

        var taken = job.Job.StopWithSavepointAsync(_savepoint);
        job.Complete();
        Job(2, state, _store, 2).Complete();

        Assert.EndsWith("cannot be stored", (await Assert.ThrowsAsync<StreamKitException>(() => taken)).Message, StringComparison.Ordinal);
        Assert.Equal(JobStatus.Stopped, job.Job.Status);
        Assert.Empty(_savepoint.Names);
        Assert.Equal(EveryStateJob.Expected.Order(), state.Committed.Order());
    }

    [Fact]
    public async Task TriggerSavepoint_OfAJobThatFailsMeanwhile_FailsToo()
    {
        var gate = new TaskCompletionSource();
        _savepoint.Before = async (call, _) =>
        {
            if (call == StoreCall.Put)
                await gate.Task;
        };
        var job = Job(1, new EveryStateJob(), _store, 2);
        job.Step(1_500);
        var taken = job.Job.TriggerSavepointAsync(_savepoint);
        job.Step(200);
        Assert.False(taken.IsCompleted);
        _store.Before = (_, name) => throw new StreamKitException($"'{name}' is away");
        job.RunLeftovers(10_000); // until only the copy is left, and the job waits for that
        Assert.False(job.HasEnded);

        gate.SetResult();
        job.RunLeftovers(10_000);

        Assert.True(job.HasEnded);
        await Assert.ThrowsAnyAsync<StreamKitException>(() => taken);
        Assert.DoesNotContain(SavepointNames.Entry, _savepoint.Names);
    }

    [Fact]
    public async Task TriggerSavepoint_WithoutACheckpointStore_IsRefused()
    {
        var job = new SimulatedJob(1, s_start, builder => builder.FromSource("numbers", Source.Range(0, 1_000).WithRateLimit(1_000)).SinkTo("out", Sink.Discard<long>()));
        job.Step(100);

        var taken = job.Job.TriggerSavepointAsync(_savepoint);
        job.Complete();

        Assert.Contains("has no checkpoint store", (await Assert.ThrowsAsync<StreamKitException>(() => taken)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing", "The location is empty")]
    [InlineData("checkpoints", "holds the checkpoints of a job: to go on with that job, give the location to UseCheckpoints")]
    [InlineData("unfinished", "holds 'data/x-0001' and no 'savepoint': a savepoint that was never finished")]
    public async Task Start_WhereThereIsNoSavepoint_SaysWhatThereIs(string what, string expected)
    {
        if (what == "checkpoints")
            await _savepoint.TryCreateAsync(StoredNames.LogEntry(1), new byte[1], default);
        if (what == "unfinished")
            await _savepoint.TryCreateAsync(SavepointNames.Data("x", 1), new byte[1], default);

        var error = Assert.ThrowsAny<StreamKitException>(() => Job(1, new EveryStateJob(), _store, 1, builder => builder.RestoreFrom(_savepoint)).Complete());

        Assert.Contains("There is no savepoint in 'memory'", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Empty(_store.Names);
    }

    [Fact]
    public void Start_FromASavepointWithADamagedSegment_IsRefusedAndCommitsNothing()
    {
        StopWithSavepoint();
        Assert.StartsWith("data/", _savepoint.Names[0], StringComparison.Ordinal);
        _savepoint.Damage(_savepoint.Names[0], Flip);
        var store = new InMemoryCheckpointStore();

        var error = Assert.ThrowsAny<StreamKitException>(() => Job(2, new EveryStateJob(), store, 2, builder => builder.RestoreFrom(_savepoint)).Complete());

        Assert.Contains($"cannot start from the savepoint 'memory' (checkpoint {Read(_savepoint).Number} of job 'simulated'). The stored object '{_savepoint.Names[0]}' is damaged in its", error.Message, StringComparison.Ordinal);
        Assert.Equal([StoredNames.LogEntry(1)], store.Names);
    }

    [Fact]
    public void Start_WithAnotherMaxParallelism_IsRefusedBeforeTheStoreIsClaimed()
    {
        StopWithSavepoint(builder => builder.MaxParallelism = 60);
        var store = new InMemoryCheckpointStore();

        var error = Assert.ThrowsAny<StreamKitException>(() => Job(2, new EveryStateJob(), store, 2, builder =>
        {
            builder.RestoreFrom(_savepoint);
            builder.MaxParallelism = 64;
        }).Complete());

        Assert.Contains("has a maximum parallelism of 64, but the state in the savepoint 'memory' is divided by 60. Leave MaxParallelism unset, or set it to 60.", error.Message, StringComparison.Ordinal);
        Assert.Empty(store.Names);
    }

    [Fact]
    public void Start_WithoutAMaxParallelism_TakesThatOfTheSavepointAndThenOfTheStore()
    {
        var first = StopWithSavepoint(builder => builder.MaxParallelism = 60);
        var store = new InMemoryCheckpointStore();
        var second = new EveryStateJob();

        var job = Job(2, second, store, 2, builder => builder.RestoreFrom(_savepoint));
        job.Step(1_000);
        Job(3, second, store, 3).Complete();

        Assert.Equal(60, Newest(store).Job.MaxParallelism);
        Assert.Equal(EveryStateJob.Expected.Order(), first.Committed.Concat(second.Committed).Order());
    }

    private EveryStateJob StopWithSavepoint(Action<StreamJobBuilder>? describe = null)
    {
        var state = new EveryStateJob();
        var job = Job(1, state, _store, 2, describe);
        job.Step(1_500);
        var taken = job.Job.StopWithSavepointAsync(_savepoint);
        job.Complete();
        taken.GetAwaiter().GetResult();
        return state;
    }

    private static SimulatedJob Job(ulong seed, EveryStateJob state, ICheckpointStore store, int parallelism, Action<StreamJobBuilder>? describe = null) => new(seed, s_start, builder =>
    {
        state.Describe(builder, store, parallelism);
        builder.RestartStrategy = RestartStrategy.None;
        describe?.Invoke(builder);
    });

    private static byte[] Flip(byte[] bytes)
    {
        bytes[^200] ^= 1;
        return bytes;
    }

    private static LogEntry Newest(InMemoryCheckpointStore store)
    {
        var name = store.Names.Last(each => each.StartsWith(StoredNames.LogPrefix, StringComparison.Ordinal));
        return LogEntryFormat.Decode(name, store.Content(name));
    }

    private static CheckpointManifest Read(InMemoryCheckpointStore savepoint) => SavepointFormat.Decode("savepoint", savepoint.Content("savepoint"));
}
