using StreamKit.Operators;
using StreamKit.Time;

namespace StreamKit.Graph;

/// <summary>A source, whatever its type.</summary>
internal abstract class SourceNode(string name) : StreamNode(name, isNamedByUser: true)
{
    public override bool IsSource => true;

    public override bool IsSink => false;

    /// <summary>Finds the splits at the first start, as the list state of the source's subtasks, in the order of their ids.</summary>
    public abstract Task<IReadOnlyList<ReadOnlyMemory<byte>>> DiscoverAsync(SourceContext context, CancellationToken cancellationToken);
}

/// <inheritdoc cref="SourceNode"/>
internal sealed class SourceNode<T> : SourceNode
{
    private readonly Source<T> _source;

    public SourceNode(string name, Source<T> source)
        : base(name)
    {
        _source = source;
        Checks.Add(Check);
    }

    /// <summary>A strategy directly behind the source is pushed into it, so that watermarks are made per split.</summary>
    public WatermarkStrategy<T>? Strategy { get; set; }

    public override bool AssignsEventTime => Strategy is not null;

    public override IOperator CreateOperator(ChainWiring wiring)
    {
        var source = new SourceOperator<T>(_source, Strategy);
        source.Connect(new OperatorOutput<T>(wiring.Output<T>(null), wiring.SideOutputs(), wiring.Metrics));
        return source;
    }

    public override async Task<IReadOnlyList<ReadOnlyMemory<byte>>> DiscoverAsync(SourceContext context, CancellationToken cancellationToken)
    {
        var splits = await _source.DiscoverSplitsAsync(context, cancellationToken);
        var ids = new HashSet<string>();
        foreach (var split in splits)
        {
            if (!ids.Add(split.Id))
                throw new StreamKitException($"Source '{Name}' found two splits with the id '{split.Id}'. Ids must be unique within a source.");
        }

        return [.. splits.OrderBy(static split => split.Id, StringComparer.Ordinal).Select(static split => SplitState.Start(split).Save())];
    }

    private IEnumerable<string> Check(GraphContext graph)
    {
        if (!_source.IsReplayable)
        {
            var message = $"Source '{Name}' cannot be replayed: after a failure, records read since the last checkpoint are lost or repeated.";
            if (graph.RequireReplayableSources)
                yield return $"{message} RequireReplayableSources is set: use a source that keeps its records, or unset it.";
            else
                graph.Warn(message);
        }

        foreach (var problem in _source.Validate(graph.Serializers))
            yield return $"Source '{Name}': {problem}";
    }
}
