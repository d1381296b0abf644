namespace StreamKit.Comparison;

/// <summary>Runs other jobs first: code that many lambdas share is slower than code that has seen only one, and a real process has many.</summary>
internal static class OtherPipelines
{
    private const long Events = 2_000_000;

    public static async Task RunAsync()
    {
        await RunAsync(static numbers => numbers.Map(static x => x + 11).Filter(static x => x % 3 != 0).Map(static x => x * 5).Sum<long, Identity>());
        await RunAsync(static numbers => numbers.Map(static x => x ^ 0x55).Map(static x => x - 1).Filter(static x => x % 7 != 2).Sum<long, Identity>());
        await RunAsync(static numbers => numbers.KeyBy(static x => x & 63).Scan("max", static () => 0L, Math.Max).Map(static x => x >> 1).Sum<long, Identity>());
    }

    private static Task<Run> RunAsync(Func<DataStream<long>, PipelineEnd> pipeline) =>
        StreamKitJob.RunAsync<long, Numbers>(new RunClock(default), default, pipeline, Events, parallelism: 1);
}
