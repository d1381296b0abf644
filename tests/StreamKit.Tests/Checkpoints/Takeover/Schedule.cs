namespace StreamKit.Tests.Checkpoints.Takeover;

/// <summary>What happens to a call that a runner is about to make to the outside.</summary>
internal enum Fate
{
    Done,

    /// <summary>It has its effect, but the answer gets lost.</summary>
    AnswerLost,

    /// <summary>It fails without effect.</summary>
    Failed,

    /// <summary>The runner is killed before it.</summary>
    Killed,
}

/// <summary>Makes the choices of one run: who goes on, and what happens to its call.</summary>
internal abstract class Schedule
{
    /// <summary>Picks one of <paramref name="options"/>; the first is to let the same runner go on, undisturbed.</summary>
    public abstract int Choose(int options);
}

/// <summary>Goes through all sequences of choices, depth first, by repeating the run with the last open choice changed.</summary>
internal sealed class ExhaustiveSchedule : Schedule
{
    private readonly List<(int Chosen, int Options)> _choices = [];
    private int _next;

    public override int Choose(int options)
    {
        if (_next == _choices.Count)
        {
            _choices.Add((0, options));
        }

        return _choices[_next++].Chosen;
    }

    /// <summary>Prepares the next run; false when all were made.</summary>
    public bool Advance()
    {
        _next = 0;
        while (_choices.Count > 0)
        {
            (int chosen, int options) = _choices[^1];
            if (chosen + 1 < options)
            {
                _choices[^1] = (chosen + 1, options);
                return true;
            }

            _choices.RemoveAt(_choices.Count - 1);
        }

        return false;
    }
}

/// <summary>Mostly lets the runner go on, and interrupts it now and then.</summary>
internal sealed class RandomSchedule(int seed) : Schedule
{
    private readonly Random _random = new(seed);

    public override int Choose(int options) => _random.Next(7) > 0 ? 0 : _random.Next(options);
}
