namespace StreamKit.Tests.TestSupport;

/// <summary>What happens to an operator under test, step by step: the same history can be run plain and with restores between its steps.</summary>
internal sealed class OperatorHistory<TKey, TIn, TOut>
    where TKey : notnull
{
    private readonly List<Action<OperatorHarness<TKey, TIn, TOut>>> _steps = [];

    public int Steps => _steps.Count;

    public void Send(IReadOnlyList<(TIn Value, long Timestamp)> records) => _steps.Add(harness => harness.Send(records));

    public void Watermark(long watermark) => _steps.Add(harness => harness.Watermark(watermark));

    public void Wake(long now) => _steps.Add(harness => harness.Wake(now));

    /// <summary>Runs all steps.</summary>
    /// <returns>What was emitted from each step to the next, with timestamps.</returns>
    public List<List<(TOut Value, long Timestamp)>> Run(OperatorHarness<TKey, TIn, TOut> harness, Restores restores, Random random)
    {
        var emitted = new List<List<(TOut, long)>>();
        HarnessCut? open = null;
        foreach (var step in _steps)
        {
            var before = harness.Output.Records.Count;
            step(harness);
            if (restores == Restores.AtEveryStep)
                harness.Restore(harness.Cut().Write(), random.Next(1, 4));
            else if (restores == Restores.NowAndThen)
                open = Interrupt(harness, open, random);
            emitted.Add(harness.Output.Records[before..]);
        }

        return emitted;
    }

    private static HarnessCut? Interrupt(OperatorHarness<TKey, TIn, TOut> harness, HarnessCut? open, Random random)
    {
        switch (random.Next(8))
        {
            case 0:
                return open ?? harness.Cut();
            case 1:
                open?.Write();
                return null;
            case 2:
                open?.Write();
                harness.Restore(harness.Cut().Write(), random.Next(1, 4));
                return null;
            default:
                return open;
        }
    }
}
