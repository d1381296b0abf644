using StreamKit.Connectors;

namespace StreamKit;

/// <summary>Gathers a stream's records in memory.</summary>
public static class CollectExtensions
{
    /// <summary>Ends the stream in a collection in memory, exactly once; see <see cref="CollectedResults{T}"/>. Read it when the job has ended, or while it runs to see what is committed.</summary>
    /// <typeparam name="T">The record type. With durable checkpoints it must be one that can be serialized.</typeparam>
    /// <param name="stream">The stream.</param>
    /// <param name="results">The collection; empty until the first checkpoint, or the end of the job, commits records.</param>
    /// <param name="name">The sink's name, by which its transactions are found again. Default: collect-1, collect-2, … in the order of the calls.</param>
    /// <returns>The sink, to set its parallelism.</returns>
    public static DataStreamSink CollectTo<T>(this DataStream<T> stream, out CollectedResults<T> results, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        results = new CollectedResults<T>();
        return stream.SinkTo(name ?? stream.Builder.Graph.NameFor("collect"), new CollectSink<T>(results));
    }
}
