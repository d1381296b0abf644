using StreamKit.Runtime;

namespace StreamKit.Tests.TestSupport;

/// <summary>One process that runs a job in the simulation. To crash it, stop stepping it: nothing of it runs any more, and nobody was told.</summary>
internal sealed class SimulatedJob
{
    private readonly SimulatedExecutor _executor;
    private readonly Task _run;

    public SimulatedJob(ulong seed, DateTimeOffset now, Action<StreamJobBuilder> describe, CancellationToken cancellation = default)
    {
        _executor = new SimulatedExecutor(seed, now);
        var builder = StreamJob.CreateBuilder("simulated");
        builder.TimeProvider = _executor.Time;
        builder.CreateExecutor = () => _executor;
        builder.Seed = seed;
        if (seed % 2 == 0)
            builder.ReadAtOnceBytes = 0; // half of all runs read what a checkpoint holds as they need it
        describe(builder);
        Job = builder.Build();
        _run = _executor.Begin(() => Job.RunAsync(cancellation));
    }

    public StreamJob Job { get; }

    public bool HasEnded => _run.IsCompleted;

    public Task Run => _run;

    /// <summary>The clock of the process.</summary>
    public TimeProvider Time => _executor.Time;

    public DateTimeOffset Now => _executor.Time.GetUtcNow();

    /// <summary>Begins work in the process, beside the job; it goes on with each step.</summary>
    public Task Begin(Func<Task> work) => _executor.Begin(work);

    /// <summary>Lets the process do some steps.</summary>
    /// <returns>True when the job has ended.</returns>
    public bool Step(int steps)
    {
        for (var i = 0; i < steps && !_run.IsCompleted; i++)
        {
            if (!_executor.Step())
                throw new InvalidOperationException($"The simulation stands still (seed {_executor.Seed}), job status {Job.Status}.");
        }

        return _run.IsCompleted;
    }

    /// <summary>Does everything that a job which has ended still has to do: ready work and timers.</summary>
    /// <returns>The number of steps; none or few where nothing was left behind.</returns>
    public int RunLeftovers(int limit)
    {
        var steps = 0;
        while (steps < limit && _executor.Step())
            steps++;
        return steps;
    }

    /// <summary>Runs the process until the job has ended, and passes on how.</summary>
    public void Complete(int maxSteps = 5_000_000)
    {
        if (!Step(maxSteps))
            throw new InvalidOperationException($"The job did not end within {maxSteps} steps (seed {_executor.Seed}), status {Job.Status}.");
        _run.GetAwaiter().GetResult();
    }
}
