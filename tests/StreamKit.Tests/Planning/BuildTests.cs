using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Planning;

public class BuildTests
{
    [Fact]
    public void Build_OfAGraphWithManyMistakes_ListsThemAllWithOperatorAndRemedy()
    {
        var builder = StreamJob.CreateBuilder("broken");
        builder.Parallelism = 200;
        builder.RequireReplayableSources = true;
        var stream = builder.FromSource("same", Source.FromChannel(System.Threading.Channels.Channel.CreateUnbounded<Order>().Reader));
        stream.KeyBy(order => order.Lines).Scan("total", () => new Unserializable(null!), (total, _) => total).SinkTo("same", new ActionSink<Unserializable>(_ => { }));
        stream.Filter(_ => true, "nobody");

        var problems = Assert.Throws<JobBuildException>(() => builder.Build()).Problems;

        Assert.Contains(problems, problem => problem.Contains("'same'", StringComparison.Ordinal) && problem.Contains("2 operators", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("parallelism 200", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("cannot be replayed", StringComparison.Ordinal) && problem.Contains("RequireReplayableSources", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("'total'", StringComparison.Ordinal) && problem.Contains("Handle", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("'total'", StringComparison.Ordinal) && problem.Contains("key", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(problems, problem => problem.Contains("'nobody'", StringComparison.Ordinal));
    }

    [Fact]
    public void Build_WithoutASink_SaysSo()
    {
        var builder = StreamJob.CreateBuilder("no sink");
        builder.FromSource("numbers", Source.Range(0, 10)).Map(x => x);

        var problem = Assert.Single(Assert.Throws<JobBuildException>(() => builder.Build()).Problems);

        Assert.Contains("no sink", problem, StringComparison.Ordinal);
        Assert.Contains("SinkTo", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_WithStateThatCannotBeSerialized_NamesTheHandleAndTheMember()
    {
        var builder = StreamJob.CreateBuilder("state");
        builder.FromSource("numbers", Source.Range(0, 10)).KeyBy(x => x).Process("keeps", () => new Keeps()).SinkTo("out", new ActionSink<long>(_ => { }));

        var problem = Assert.Single(Assert.Throws<JobBuildException>(() => builder.Build()).Problems);

        Assert.Contains("'keeps'", problem, StringComparison.Ordinal);
        Assert.Contains("_kept", problem, StringComparison.Ordinal);
        Assert.Contains("Handle", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_WithRestartsButNoCheckpoints_SaysWhatToDo()
    {
        var builder = StreamJob.CreateBuilder("restarts");
        builder.RestartStrategy = RestartStrategy.FixedDelay(3, TimeSpan.Zero);
        builder.FromSource("numbers", Source.Range(0, 10)).SinkTo("out", new ActionSink<long>(_ => { }));

        Assert.Contains("UseCheckpoints", Assert.Single(Assert.Throws<JobBuildException>(() => builder.Build()).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_ChainsForwardEdgesAndSplitsAtKeys()
    {
        var builder = StreamJob.CreateBuilder("chains");
        builder.Parallelism = 2;
        builder.FromSource("numbers", Source.Range(0, 10)).Map(x => x, "map").Filter(x => x > 0, "filter")
            .KeyBy(x => x).Reduce("reduce", (a, b) => a + b).Map(x => x, "apart").DisableChaining()
            .SinkTo("out", new ActionSink<long>(_ => { }));

        using var plan = new Disposable(builder.Build());

        Assert.Equal(["numbers -> map -> filter", "reduce", "apart -> out"], plan.Job.Plan.Chains.Select(chain => chain.Name));
    }

    [Fact]
    public void Build_WithOneSubtask_ChainsKeyedOperatorsToo()
    {
        var builder = StreamJob.CreateBuilder("one");
        builder.Parallelism = 1;
        builder.FromSource("numbers", Source.Range(0, 10)).KeyBy(x => x).Reduce("reduce", (a, b) => a + b).SinkTo("out", new ActionSink<long>(_ => { }));

        using var plan = new Disposable(builder.Build());

        Assert.Equal(["numbers -> reduce -> out"], plan.Job.Plan.Chains.Select(chain => chain.Name));
    }

    private sealed record Order(string Id, List<string> Lines);

    private sealed record Unserializable(Delegate Handle);

    private sealed class Keeps : KeyedProcessFunction<long, long, long>
    {
        private ValueState<Unserializable> _kept = null!; // set in Open

        public override void Open(OperatorContext context) => _kept = context.State.Value<Unserializable>("kept");

        public override void Process(long value, Context context) => context.Collect(_kept.HasValue ? 1 : 0);
    }

    private sealed class Disposable(StreamJob job) : IDisposable
    {
        public StreamJob Job { get; } = job;

        public void Dispose() => Job.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
