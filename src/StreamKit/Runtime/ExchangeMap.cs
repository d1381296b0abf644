using StreamKit.Elements;
using StreamKit.Graph;
using StreamKit.Operators;
using StreamKit.Planning;

namespace StreamKit.Runtime;

/// <summary>All channels between the tasks of one attempt.</summary>
internal sealed class ExchangeMap
{
    private readonly Dictionary<StreamEdge, object> _exchanges = [];
    private readonly JobSettings _settings;

    /// <param name="plan">The plan.</param>
    /// <param name="settings">The job.</param>
    /// <param name="wake">Gives the wake signal of a chain's subtask, before its task exists.</param>
    public ExchangeMap(JobPlan plan, JobSettings settings, Func<PlannedChain, int, Action> wake)
    {
        _settings = settings;
        foreach (var edge in plan.Chains.SelectMany(static chain => chain.Inputs))
            _exchanges.Add(edge.Edge, edge.Edge.Partitioning.Accept(new Creation(edge, wake)));
    }

    /// <summary>The way out of a sending subtask.</summary>
    public ExchangeWriter<T> Writer<T>(StreamEdge edge, int subtask)
    {
        var exchange = (Exchange<T>)_exchanges[edge];
        var partitioning = (Partitioning<T>)edge.Partitioning;
        if (exchange.Edge.IsOneToOne)
            return new ExchangeWriter<T>([exchange.Channels[subtask, 0]], null);
        var targets = exchange.Edge.To.Parallelism;
        var channels = new InputChannel<T>[targets];
        for (var target = 0; target < targets; target++)
            channels[target] = exchange.Channels[subtask, target];
        var partitioner = partitioning.IsBroadcast || targets == 1
            ? null
            : partitioning.CreatePartitioner(new PartitionerContext(edge.From.Name, subtask, targets, _settings.MaxParallelism, _settings.Serializers, _settings.DescribeRecord));
        return new ExchangeWriter<T>(channels, partitioner);
    }

    /// <summary>The ways into a receiving subtask, over all edges into its chain.</summary>
    public TaskInput Input(PlannedChain chain, int subtask, IOperator head, StreamTask task, long restoredWatermark) =>
        ((InputNode)chain.Head).Accept(head, new InputCreation(this, chain, subtask, task, restoredWatermark));

    private static int SenderCount(PlannedEdge edge) => edge.IsOneToOne ? 1 : edge.From.Parallelism;

    /// <summary>Channels[sender, receiver]; for one-to-one edges Channels[subtask, 0].</summary>
    private sealed record Exchange<T>(PlannedEdge Edge, InputChannel<T>[,] Channels);

    private sealed class Creation(PlannedEdge edge, Func<PlannedChain, int, Action> wake) : IPartitioningVisitor<object>
    {
        public object Visit<T>(Partitioning<T> partitioning)
        {
            var receivers = edge.IsOneToOne ? 1 : edge.To.Parallelism;
            var channels = new InputChannel<T>[edge.From.Parallelism, receivers];
            for (var sender = 0; sender < edge.From.Parallelism; sender++)
            {
                for (var receiver = 0; receiver < receivers; receiver++)
                    channels[sender, receiver] = new InputChannel<T>(wake(edge.From, sender), wake(edge.To, edge.IsOneToOne ? sender : receiver));
            }

            return new Exchange<T>(edge, channels);
        }
    }

    private sealed class InputCreation(ExchangeMap map, PlannedChain chain, int subtask, StreamTask task, long restoredWatermark) : IInputVisitor<TaskInput>
    {
        public TaskInput Visit<T>(Receiver<T> head)
        {
            var channels = new List<InputChannel<T>>();
            foreach (var edge in chain.Inputs)
            {
                var exchange = (Exchange<T>)map._exchanges[edge.Edge];
                for (var sender = 0; sender < SenderCount(edge); sender++)
                    channels.Add(edge.IsOneToOne ? exchange.Channels[subtask, 0] : exchange.Channels[sender, subtask]);
            }

            return new TaskInput<T>(channels, head, task.OnBarrierSent, restoredWatermark);
        }
    }
}
