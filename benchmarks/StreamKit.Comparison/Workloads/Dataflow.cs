using System.Threading.Tasks.Dataflow;

namespace StreamKit.Comparison;

/// <summary>Feeds a TPL Dataflow network, and takes what comes out.</summary>
internal static class Dataflow
{
    public static readonly ExecutionDataflowBlockOptions Options = new() { BoundedCapacity = 8192, SingleProducerConstrained = true };

    public static readonly DataflowLinkOptions Propagate = new() { PropagateCompletion = true };

    public static async Task<Outcome> RunAsync<T, TGenerator, TOut, TProjection>(TGenerator generator, long events, ITargetBlock<T> first, Action<ITargetBlock<TOut>> link)
        where TGenerator : struct, IGenerator<T>
        where TProjection : struct, IProjection<TOut>
    {
        var tally = new Tally<TOut, TProjection>();
        var last = new ActionBlock<TOut>(tally.OnNext, Options);
        link(last);
        for (var i = 0L; i < events; i++)
        {
            var value = generator.Make(i);
            if (!first.Post(value))
                await first.SendAsync(value);
        }

        first.Complete();
        await last.Completion;
        return tally.Outcome;
    }
}
