using StreamKit;

namespace FraudDetection;

/// <summary>Shows how far the job is: a status that is redrawn on a terminal, a line every few seconds elsewhere.</summary>
internal sealed class Progress(StreamJob job, Screen screen)
{
    /// <summary>The rate is that of so many seconds, or rates below one per second would come out as 0 most of the time.</summary>
    private const double RateSeconds = 4;

    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly Queue<(long Time, long Read)> _counts = [];

    public async Task ShowUntilAsync(Task end)
    {
        var every = screen.IsTerminal ? TimeSpan.FromSeconds(0.25) : TimeSpan.FromSeconds(2);
        _counts.Enqueue((_clock.GetTimestamp(), 0));
        while (await Task.WhenAny(end, Task.Delay(every)) != end)
        {
            var metrics = job.GetMetrics();
            screen.Status(
                $"{metrics.Status,-8}",
                Rate(metrics.Operator(FraudJob.Source).RecordsOut),
                $"watermark {Watermark(metrics)}",
                $"{metrics.Operator(FraudJob.Sink).RecordsIn:N0} alerts",
                Checkpoint(metrics.LastCheckpoint));
        }

        screen.ClearStatus();
    }

    /// <summary>A rate as text; fractions count where it is low.</summary>
    public static string PerSecond(double rate) => rate < 10 ? $"{rate:0.0}" : $"{rate:N0}";

    private string Rate(long read)
    {
        var now = _clock.GetTimestamp();
        while (_counts.Count > 1 && _clock.GetElapsedTime(_counts.Peek().Time, now).TotalSeconds > RateSeconds)
            _counts.Dequeue();
        var (time, count) = _counts.Peek();
        _counts.Enqueue((now, read));
        var rate = (read - count) / _clock.GetElapsedTime(time, now).TotalSeconds;
        return $"{PerSecond(rate),9} events/s";
    }

    private static string Watermark(JobMetrics metrics) => metrics.Operator(SmallThenLarge.Name).Watermark switch
    {
        long.MinValue => "none yet",
        long.MaxValue => "end of input",
        var time => $"{DateTimeOffset.FromUnixTimeMilliseconds(time):yyyy-MM-ddTHH:mm:ss.fffZ}",
    };

    private string Checkpoint(CheckpointSummary? last) =>
        last is null ? "no checkpoint yet" : $"checkpoint {last.Number}, {(_clock.GetUtcNow() - last.CompletedAt).TotalSeconds:0.0} s ago";
}
