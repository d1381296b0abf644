using StreamKit;

namespace FraudDetection;

/// <summary>The table at the end: what this run did, and what is in the output folder now, whoever wrote it.</summary>
internal static class Summary
{
    public static void Show(Screen screen, StreamJob job, Options options, TimeSpan took)
    {
        var metrics = job.GetMetrics();
        var read = metrics.Operator(FraudJob.Source).RecordsOut;
        screen.Line("");
        Row(screen, "transactions read", $"{read:N0}", $"in {took.TotalSeconds:0.0} s, {Progress.PerSecond(read / took.TotalSeconds)} per second");
        Row(screen, "checkpoints taken", $"{metrics.CompletedCheckpoints:N0}", metrics.LastCheckpoint is { } last ? $"the last one is number {last.Number}, {last.Bytes:N0} of {last.StateBytes:N0} bytes new" : "");
        if (metrics.Restarts > 0)
            Row(screen, "restarts", $"{metrics.Restarts:N0}", "");
        var files = Directory.Exists(options.Output) ? Directory.GetFiles(options.Output, "*.jsonl") : [];
        var alerts = files.SelectMany(File.ReadLines).ToList();
        foreach (var rule in (string[])[SmallThenLarge.Name, Burst.Name, Spend.Name])
            Row(screen, $"alerts '{rule}'", $"{alerts.Count(line => line.StartsWith($$"""{"rule":"{{rule}}",""", StringComparison.Ordinal)):N0}", "");
        Row(screen, "alerts in all", $"{alerts.Count:N0}", $"in {options.Output}");
    }

    private static void Row(Screen screen, string what, string number, string remark) => screen.Line($"  {what,-28}{number,12}   {remark}".TrimEnd());
}
