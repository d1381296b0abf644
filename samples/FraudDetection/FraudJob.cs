using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using StreamKit;

namespace FraudDetection;

/// <summary>The job: transactions in, three rules per card in event time, alerts out.</summary>
internal static class FraudJob
{
    public const string Source = "transactions";
    public const string Sink = "alerts";

    public static StreamJob Build(Options options, ILogger logger)
    {
        var builder = StreamJob.CreateBuilder("fraud-detection");
        builder.Parallelism = options.Parallelism;
        builder.Logger = logger;
        builder.RestartStrategy = RestartStrategy.ExponentialDelay(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(5), attempts: 3);
        builder.UseCheckpoints(new FileCheckpointStore(options.Checkpoints), every: options.CheckpointInterval);
        if (options.From is { } savepoint)
            builder.RestoreFrom(new FileCheckpointStore(savepoint));

        // Small chunks: the splits of the file go through it close together, so that little has to wait for the slowest.
        var file = FileSource.Csv<Transaction>(options.Input, csv => csv.ChunkSize = 256 * 1024);
        var transactions = builder
            .FromSource(Source, options.Rate is { } rate ? file.WithRateLimit(rate) : file)
            .AssignTimestampsAndWatermarks(w => w.BoundedOutOfOrderness(TimeSpan.FromSeconds(5)).WithTimestamp(transaction => transaction.At));
        var byCard = transactions.KeyBy(transaction => transaction.Card);

        var smallThenLarge = byCard.Process(SmallThenLarge.Name, () => new SmallThenLarge());

        var bursts = byCard
            .Window(TumblingEventTimeWindows.Of(TimeSpan.FromMinutes(1)))
            .Aggregate(Burst.Name, new Burst(), (card, window, count) => new Alert(Burst.Name, card, window.Start, Count: count))
            .Filter(alert => alert.Count > Burst.MoreThan);

        var spends = byCard
            .Window(SlidingEventTimeWindows.Of(TimeSpan.FromMinutes(10), slide: TimeSpan.FromMinutes(1)))
            .Aggregate(Spend.Name, new Spend(), (card, window, total) => new Alert(Spend.Name, card, window.End, Total: total))
            .Filter(alert => alert.Total > Spend.Above);

        smallThenLarge.Union(bursts, spends).SinkTo(Sink, FileSink.JsonLines<Alert>(
            options.Output, files => files.Json = new(files.Json) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull }));
        return builder.Build();
    }
}
