using System.Text;
using StreamKit.Checkpoints;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

/// <summary>Savepoints written by earlier builds are started from for ever. Each is a folder of golden files, with the lines that its job had committed.</summary>
public class SavepointFixtureTests
{
    private const string Fixture = "savepoint-v0";
    private const string Committed = "committed.txt";

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Start_FromASavepointOfVersion0_GivesTheRestOfItsJobsOutput(int parallelism)
    {
        GoldenFile.Update(Write);
        var before = File.ReadAllLines(Path.Combine(GoldenFile.Folder, Fixture, Committed));
        var rest = new EveryStateJob();

        new SimulatedJob(1, DateTimeOffset.UnixEpoch, builder =>
        {
            rest.Describe(builder, new InMemoryCheckpointStore(), parallelism);
            builder.RestoreFrom(new FileCheckpointStore(Path.Combine(GoldenFile.Folder, Fixture)));
        }).Complete();

        Assert.NotEmpty(before);
        Assert.NotEmpty(rest.Committed);
        Assert.Equal(EveryStateJob.Expected.Order(), before.Concat(rest.Committed).Order());
    }

    private static IEnumerable<(string Name, byte[] Content)> Write()
    {
        var savepoint = new InMemoryCheckpointStore();
        var state = new EveryStateJob();
        var job = new SimulatedJob(1, DateTimeOffset.UnixEpoch, builder => state.Describe(builder, new InMemoryCheckpointStore(), 2));
        job.Step(1_500);
        var taken = job.Job.StopWithSavepointAsync(savepoint);
        job.Complete();
        taken.GetAwaiter().GetResult();

        return savepoint.Names.Select(name => ($"{Fixture}/{name}", savepoint.Content(name)))
            .Append(($"{Fixture}/{Committed}", Encoding.UTF8.GetBytes(string.Join('\n', state.Committed.Order(StringComparer.Ordinal)))));
    }
}
