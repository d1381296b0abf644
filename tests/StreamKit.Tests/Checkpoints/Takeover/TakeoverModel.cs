using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Checkpoints.Takeover;

/// <summary>What is made wrong, to see that the rule against it is needed and that the model would notice.</summary>
internal enum BrokenRule
{
    None,

    /// <summary>The listing after a claim does not show what others wrote since the first one.</summary>
    NoListingAfterTheClaim,

    /// <summary>An entry at one's number is always taken for one's own.</summary>
    EveryCollisionIsOwn,

    /// <summary>Transactions of higher claims are discarded too.</summary>
    AbortsHigherClaims,
}

/// <summary>
/// Several runners of one job, on the real log and coordinator, a store and a sink. Every call to the outside is a point at which a
/// schedule may let another runner go on, lose the answer, or kill the runner. At the end everybody who is left goes on, so that
/// zombies come back, and a last runner finishes the job.
/// </summary>
internal sealed class TakeoverModel
{
    private readonly ManualContext _context = new();
    private readonly InMemoryCheckpointStore _store = new();
    private readonly ModelSink _sink = new();
    private readonly List<ModelRunner> _runners = [];
    private readonly TakeoverSettings _settings;
    private readonly Schedule _schedule;
    private int _identities;
    private int _switches;
    private int _faults;

    private TakeoverModel(TakeoverSettings settings, Schedule schedule)
    {
        _settings = settings;
        _schedule = schedule;
        _switches = settings.Switches;
        _faults = settings.Faults;
    }

    /// <summary>Makes one run and returns what went wrong.</summary>
    public static IReadOnlyList<string> Run(TakeoverSettings settings, Schedule schedule)
    {
        var model = new TakeoverModel(settings, schedule);
        model.Run();
        return model._sink.Violations;
    }

    private void Run()
    {
        for (int i = 0; i < _settings.Runners; i++)
        {
            AddRunner(_settings.Broken);
        }

        ModelRunner? current = _runners[0];
        while (current is not null)
        {
            current = Step(current);
        }

        // No more disturbance: one that claims last brings the job to its end, whatever state it was left in.
        ModelRunner last = AddRunner(BrokenRule.None);
        Finish(last);
        if (!last.HasFinished)
        {
            _sink.Violations.Add($"the last runner did not finish: {last.Failure}");
        }

        CheckOutput();
        foreach (ModelRunner zombie in _runners)
        {
            Finish(zombie);
        }

        CheckOutput();
    }

    private ModelRunner AddRunner(BrokenRule broken)
    {
        var runner = new ModelRunner(_runners.Count, _store, _sink, _context, () => new Guid(++_identities, 0, 0, new byte[8]), _settings.Records, broken);
        _runners.Add(runner);
        _context.Post(_ => runner.Start(), null);
        _context.RunAll();
        return runner;
    }

    /// <summary>Makes one choice and the step it leads to; null when nobody is left who could go on.</summary>
    private ModelRunner? Step(ModelRunner current)
    {
        var options = new List<(ModelRunner Runner, Fate Fate)>();
        if (current.PendingCall is { } call)
        {
            options.Add((current, Fate.Done));
            if (_faults > 0)
            {
                options.Add((current, Fate.Killed));
                if (call.CanFail)
                {
                    options.Add((current, Fate.AnswerLost));
                    options.Add((current, Fate.Failed));
                }
            }
        }

        if (options.Count == 0 || _switches > 0)
        {
            options.AddRange(_runners.Where(r => r != current && r.PendingCall is not null).Select(r => (r, Fate.Done)));
        }

        // Whoever is paused for good becomes a zombie of the end, so a run may also end here.
        if (options.Count == 0)
        {
            return null;
        }

        (ModelRunner runner, Fate fate) = options[_schedule.Choose(options.Count)];
        _switches -= runner != current && current.PendingCall is not null ? 1 : 0;
        _faults -= fate == Fate.Done ? 0 : 1;
        runner.Resolve(fate);
        _context.RunAll();
        return runner;
    }

    private void Finish(ModelRunner runner)
    {
        while (runner.PendingCall is not null)
        {
            runner.Resolve(Fate.Done);
            _context.RunAll();
        }
    }

    private void CheckOutput()
    {
        if (!_sink.Output.Order().SequenceEqual(Enumerable.Range(0, _settings.Records)))
        {
            _sink.Violations.Add($"the output is {string.Join(' ', _sink.Output)}, expected every record below {_settings.Records} once");
        }
    }
}

/// <summary>The size of a model.</summary>
internal sealed record TakeoverSettings(int Runners, int Records, int Switches, int Faults, BrokenRule Broken = BrokenRule.None);
