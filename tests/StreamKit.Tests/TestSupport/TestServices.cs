using Microsoft.Extensions.Logging.Abstractions;
using StreamKit.Elements;
using StreamKit.Operators;
using StreamKit.State;

namespace StreamKit.Tests.TestSupport;

/// <summary>What a task offers an operator, for one operator under test.</summary>
internal sealed class TestServices : OperatorServices
{
    public List<OperatorCut> Cuts { get; } = [];

    public static TestServices Create(
        SerializerRegistry serializers,
        TimeProvider clock,
        int subtask = 0,
        int parallelism = 1,
        int maxParallelism = 128,
        long restoredWatermark = EventTime.None,
        IReadOnlyList<StateDescriptor>? restoredStates = null) => new()
        {
            JobName = "job",
            OperatorName = "test",
            Subtask = subtask,
            Parallelism = parallelism,
            MaxParallelism = maxParallelism,
            JobId = Guid.Empty,
            Claim = 1,
            IsDurable = true,
            TimeProvider = clock,
            Logger = NullLogger.Instance,
            Serializers = serializers,
            Metrics = new OperatorMetrics(),
            Stopping = CancellationToken.None,
            RestoredLists = new Dictionary<string, ListSnapshot>(),
            RestoredWatermark = restoredWatermark,
            KeyGroups = StreamKit.State.KeyGroups.RangeOf(subtask, parallelism, maxParallelism),
            DescribeRecord = static record => record.ToString(),
            RestoredStates = restoredStates ?? [],
            NextStateId = restoredStates?.Select(static state => state.Id + 1).DefaultIfEmpty(1).Max() ?? 1,
            IsRestored = restoredStates is not null,
        };

    public override void Notify()
    {
    }

    public override void Fail(Exception cause) => throw cause;

    public override void Contribute(OperatorCut cut) => Cuts.Add(cut);
}
