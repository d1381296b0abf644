using System.Runtime.InteropServices;
using FraudDetection;
using StreamKit;

const int Failed = 1;
const int BadArguments = 2;
const int TakenOver = 3;
const int Interrupted = 130;

const int OwnInputSeed = 20250301;
const int OwnInputCount = 200_000;

var screen = new Screen();
try
{
    var options = Options.Parse(args);
    if (options.Help)
    {
        screen.Line(Options.Usage);
        return 0;
    }

    if (options.Fresh)
        FreshStart.Run(options);
    if (options.HasOwnInput && !File.Exists(options.Input))
    {
        screen.Line($"Making {OwnInputCount:N0} transactions in {options.Input}");
        new TransactionGenerator(OwnInputSeed).Write(options.Input, OwnInputCount);
    }

    await using var job = FraudJob.Build(options, new ScreenLogger(screen));
    using var running = RunLock.ForRunning(options);
    return await RunAsync(job, options);
}
catch (UsageException e)
{
    screen.Error($"error: {e.Message}\n{Options.Usage}");
    return BadArguments;
}
catch (JobFencedException e)
{
    screen.Error($"taken over: this process has stopped and commits nothing more. {e.Message}");
    return TakenOver;
}
catch (Exception e) when (e is StreamKitException or IOException or UnauthorizedAccessException)
{
    var cause = e is JobFailedException { InnerException: { } last } ? last : e;
    var remedy = cause.InnerException is InputChangedException ? " Starting anew is --fresh, which deletes the alerts and the checkpoints first." : "";
    screen.Error($"error: {cause.Message}{remedy}");
    return Failed;
}

async Task<int> RunAsync(StreamJob job, Options options)
{
    using var interrupted = new CancellationTokenSource();
    var signals = 0;
    var started = TimeProvider.System.GetTimestamp();
    var run = job.RunAsync(interrupted.Token);
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    if (options.Savepoints is { } folder)
        _ = Savepoints.TakeAsync(job, folder, screen); // ends with the job
    await new Progress(job, screen).ShowUntilAsync(run);
    try
    {
        await run;
    }
    catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
    {
        screen.Error("Ended at once. Started again, the job goes on from its last checkpoint.");
        return Interrupted;
    }

    Summary.Show(screen, job, options, TimeProvider.System.GetElapsedTime(started));
    if (job.Status == JobStatus.Finished && job.GetMetrics().CompletedCheckpoints == 0)
        screen.Line("Nothing was left to process; --fresh starts over.");
    return 0;

    void OnSignal(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (Interlocked.Increment(ref signals) > 1)
        {
            interrupted.Cancel();
            return;
        }

        screen.Line("Stopping behind a final checkpoint; once more ends it at once.");
        _ = job.StopAsync(); // how the job ends is seen where it is awaited
    }
}
