using Microsoft.Extensions.Logging.Abstractions;
using StreamKit.Elements;
using StreamKit.Operators;
using StreamKit.State;

namespace StreamKit.Benchmarks;

/// <summary>What a task offers an operator, for one operator outside a job.</summary>
internal sealed class BenchmarkServices : OperatorServices
{
    public static BenchmarkServices Create() => new()
    {
        JobName = "benchmark",
        OperatorName = "benchmark",
        Subtask = 0,
        Parallelism = 1,
        MaxParallelism = 128,
        JobId = Guid.Empty,
        Claim = 1,
        IsDurable = true,
        TimeProvider = TimeProvider.System,
        Logger = NullLogger.Instance,
        Serializers = new SerializerRegistry(),
        Metrics = new OperatorMetrics(),
        Stopping = CancellationToken.None,
        RestoredLists = new Dictionary<string, ListSnapshot>(),
        RestoredWatermark = EventTime.None,
        KeyGroups = StreamKit.State.KeyGroups.RangeOf(0, 1, 128),
        DescribeRecord = static record => record.ToString(),
        RestoredStates = [],
        NextStateId = 1,
        IsRestored = false,
    };

    /// <summary>Opens an operator whose output goes to a receiver.</summary>
    public static void Open<TIn, TOut>(Operator<TIn, TOut> opened, Receiver<TOut> next)
    {
        var services = Create();
        opened.Connect(new OperatorOutput<TOut>(next, [], services.Metrics));
        opened.Open(services);
    }

    public override void Notify()
    {
    }

    public override void Fail(Exception cause) => throw new InvalidOperationException("The benchmark failed.", cause);

    public override void Contribute(OperatorCut cut) => cut.Keyed?.Dispose();
}

/// <summary>The end of a chain: counts records and gives batches back.</summary>
internal sealed class Drain<T> : Receiver<T>
{
    public long Count { get; private set; }

    public override void Receive(Batch<T> batch)
    {
        Count += batch.Count;
        BatchPool<T>.Return(batch);
    }
}
