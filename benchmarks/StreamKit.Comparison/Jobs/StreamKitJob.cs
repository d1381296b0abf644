using System.Globalization;

namespace StreamKit.Comparison;

/// <summary>How StreamKit takes part: a whole job with a source, a sink, and a checkpoint every 10 seconds into a folder of its own.</summary>
internal static class StreamKitJob
{
    private static readonly TimeSpan s_checkpointInterval = TimeSpan.FromSeconds(10);

    /// <param name="name">Its name in the output.</param>
    /// <param name="generator">Makes the events.</param>
    /// <param name="pipeline">From the source to the sink; called for each run.</param>
    /// <param name="parallelism">Subtasks, and splits of the source.</param>
    /// <param name="configure">Sets what else a job has, given a folder of its own.</param>
    public static Implementation Implementation<T, TGenerator>(
        string name, TGenerator generator, Func<DataStream<T>, PipelineEnd> pipeline, int parallelism = 1, Action<StreamJobBuilder, string>? configure = null)
        where TGenerator : struct, IGenerator<T> =>
        new(name, (events, expected) => RunAsync(new RunClock(expected), generator, pipeline, events, parallelism, configure: configure));

    /// <summary>Ends a pipeline in the sink that checks its result.</summary>
    public static PipelineEnd Sum<T, TProjection>(this DataStream<T> stream)
        where TProjection : struct, IProjection<T> =>
        new(clock => stream.SinkTo("sum", new SumSink<T, TProjection>(clock)));

    /// <summary>Runs a job once.</summary>
    /// <param name="clock">Takes the cost.</param>
    /// <param name="generator">Makes the events.</param>
    /// <param name="pipeline">From the source to the sink.</param>
    /// <param name="events">How many.</param>
    /// <param name="parallelism">Subtasks, and splits of the source.</param>
    /// <param name="during">Runs beside the job, once it has started.</param>
    /// <param name="configure">Sets what else the job has, given a folder of its own.</param>
    public static async Task<Run> RunAsync<T, TGenerator>(
        RunClock clock, TGenerator generator, Func<DataStream<T>, PipelineEnd> pipeline, long events, int parallelism, Func<StreamJob, Task<string?>>? during = null, Action<StreamJobBuilder, string>? configure = null)
        where TGenerator : struct, IGenerator<T>
    {
        var folder = Directory.CreateTempSubdirectory("streamkit-comparison-");
        try
        {
            var builder = StreamJob.CreateBuilder("comparison");
            builder.Parallelism = parallelism;
            builder.UseCheckpoints(new FileCheckpointStore(Path.Combine(folder.FullName, "checkpoints")), s_checkpointInterval);
            configure?.Invoke(builder, folder.FullName);
            pipeline(builder.FromSource("events", new CounterSource<T, TGenerator>(generator, events, parallelism, clock))).ConnectTo(clock);
            await using var job = builder.Build();
            string? note = null;
            clock.OnComplete = () => note = Describe(job.GetMetrics());
            await job.StartAsync();
            var beside = during?.Invoke(job) ?? Task.FromResult<string?>(null);
            await job.WaitAsync();
            return new Run(clock.Outcome, clock.CostAtEnd(), await beside ?? note);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string? Describe(JobMetrics metrics) => metrics.LastCheckpoint is { } last
        ? string.Create(CultureInfo.InvariantCulture, $"{metrics.CompletedCheckpoints} checkpoint(s) within the measured time, the last of {last.Bytes} bytes in {last.Duration.TotalMilliseconds:F0} ms")
        : null;
}

/// <summary>A pipeline that still needs its sink.</summary>
internal sealed class PipelineEnd(Action<RunClock> connect)
{
    public void ConnectTo(RunClock clock) => connect(clock);
}
