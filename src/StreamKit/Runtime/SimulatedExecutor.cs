namespace StreamKit.Runtime;

/// <summary>
/// Runs a job on one thread, in an order drawn from a seed, in virtual time: the same seed gives the same run. Time moves only when nothing else is left to do.
/// </summary>
internal sealed class SimulatedExecutor : JobExecutor
{
    private readonly List<Action> _ready = [];
    private readonly JobRandom _random;
    private readonly SimulationContext _context;

    public SimulatedExecutor(ulong seed, DateTimeOffset start)
    {
        Seed = seed;
        _random = new JobRandom(seed);
        _context = new SimulationContext(this);
        Time = new VirtualTimeProvider(start, _ready.Add);
    }

    public ulong Seed { get; }

    /// <summary>The clock to give to the job.</summary>
    public VirtualTimeProvider Time { get; }

    public override SynchronizationContext Context => _context;

    /// <summary>Always: each slice is drawn anew, alone or not.</summary>
    public override bool HasWaiting => true;

    public override bool IsSingleThreaded => true;

    public override void Schedule(IThreadPoolWorkItem work) => _ready.Add(work.Execute);

    /// <summary>Begins asynchronous work in the simulation; it goes on with each <see cref="Step"/>.</summary>
    public Task Begin(Func<Task> work)
    {
        var task = Task.CompletedTask;
        InContext(() => task = work());
        return task;
    }

    /// <summary>Runs everything until work that it begins is complete.</summary>
    /// <param name="work">Called on the simulation's thread.</param>
    /// <param name="maxSteps">Guards against work that never ends.</param>
    public void RunUntilComplete(Func<Task> work, int maxSteps = 50_000_000)
    {
        var task = Begin(work);
        for (var step = 0; !task.IsCompleted; step++)
        {
            if (step == maxSteps)
                throw new StreamKitException($"The simulation did not end within {maxSteps} steps (seed {Seed}).");
            if (!Step())
                throw new StreamKitException($"The simulation stands still: nothing is ready and no timer is set (seed {Seed}).");
        }

        task.GetAwaiter().GetResult();
    }

    /// <summary>Does one ready thing, chosen by the seed; when nothing is ready, moves time to the next timer.</summary>
    /// <returns>False when there is neither.</returns>
    public bool Step()
    {
        if (_ready.Count == 0)
            return Time.AdvanceToNextTimer();
        var chosen = _random.Next(_ready.Count);
        var work = _ready[chosen];
        _ready.RemoveAt(chosen);
        InContext(work);
        return true;
    }

    private void InContext(Action work)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_context);
        try
        {
            work();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private sealed class SimulationContext(SimulatedExecutor executor) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => executor._ready.Add(() => d(state));

        public override void Send(SendOrPostCallback d, object? state) => d(state);

        public override SynchronizationContext CreateCopy() => this;
    }
}
