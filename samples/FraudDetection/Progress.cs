using System.Globalization;
using StreamKit;

namespace FraudDetection;

/// <summary>Shows how far the job is: one line that is redrawn on a terminal, a line every few seconds elsewhere.</summary>
internal sealed class Progress(StreamJob job, Screen screen)
{
    private readonly TimeProvider _clock = TimeProvider.System;

    public async Task ShowUntilAsync(Task end)
    {
        var every = screen.IsTerminal ? TimeSpan.FromSeconds(0.25) : TimeSpan.FromSeconds(2);
        var (time, count) = (_clock.GetTimestamp(), 0L);
        while (await Task.WhenAny(end, Task.Delay(every)) != end)
        {
            var metrics = job.GetMetrics();
            var read = metrics.Operator(FraudJob.Source).RecordsOut;
            var now = _clock.GetTimestamp();
            var line = Describe(metrics, (read - count) / _clock.GetElapsedTime(time, now).TotalSeconds);
            (time, count) = (now, read);
            if (screen.IsTerminal)
                screen.Live(line);
            else
                screen.Line(line);
        }

        if (screen.IsTerminal)
            screen.Live("");
    }

    private string Describe(JobMetrics metrics, double eventsPerSecond) => string.Create(
        CultureInfo.InvariantCulture,
        $"{metrics.Status,-8} | {eventsPerSecond,9:N0} events/s | watermark {Watermark(metrics)} | {metrics.Operator(FraudJob.Sink).RecordsIn:N0} alerts | {Checkpoint(metrics.LastCheckpoint)}");

    private static string Watermark(JobMetrics metrics) => metrics.Operator(SmallThenLarge.Name).Watermark switch
    {
        long.MinValue => "none yet",
        long.MaxValue => "end of input",
        var time => DateTimeOffset.FromUnixTimeMilliseconds(time).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
    };

    private string Checkpoint(CheckpointSummary? last) => last is null
        ? "no checkpoint yet"
        : string.Create(CultureInfo.InvariantCulture, $"checkpoint {last.Number}, {(_clock.GetUtcNow() - last.CompletedAt).TotalSeconds:0.0} s ago");
}
