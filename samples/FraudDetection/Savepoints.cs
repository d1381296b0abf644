using StreamKit;

namespace FraudDetection;

/// <summary>Takes one savepoint after the other while the job runs, each in a folder of its own.</summary>
internal static class Savepoints
{
    public static async Task TakeAsync(StreamJob job, string folder, Screen screen)
    {
        for (var number = 1; job.Status is JobStatus.Created or JobStatus.Starting or JobStatus.Running or JobStatus.Restarting; number++)
        {
            var location = Path.Combine(folder, $"{number}");
            if (Directory.Exists(location))
                continue;
            try
            {
                var savepoint = await job.TriggerSavepointAsync(new FileCheckpointStore(location));
                screen.Line($"Savepoint of checkpoint {savepoint.Checkpoint} in {location}");
            }
            catch (Exception e) when (e is StreamKitException or InvalidOperationException or OperationCanceledException)
            {
                screen.Error($"no savepoint in {location}: {e.Message}");
                await Task.Delay(100);
            }
        }
    }
}
