namespace StreamKit.Comparison;

/// <summary>
/// Measures a job from the first read of its source until its sink has all the results that the plain loop has. The start of the job and the final
/// checkpoint, which a job without an end never takes, are left out; periodic checkpoints in between are not.
/// </summary>
internal sealed class RunClock(Outcome expected)
{
    private readonly Meter _meter = new();
    private int _started;
    private long _count;
    private long _sum;

    public Outcome Outcome => new(Interlocked.Read(ref _count), Interlocked.Read(ref _sum));

    /// <summary>Set once all results are there.</summary>
    public Cost? Cost { get; private set; }

    /// <summary>Called after each batch of results, on the thread of a sink.</summary>
    public Action? OnBatch { get; init; }

    /// <summary>Called when all results are there.</summary>
    public Action? OnComplete { get; set; }

    public void Start()
    {
        if (Volatile.Read(ref _started) == 0 && Interlocked.Exchange(ref _started, 1) == 0)
            _meter.Start();
    }

    public void Add(long count, long sum)
    {
        OnBatch?.Invoke();
        Interlocked.Add(ref _sum, sum);
        if (Interlocked.Add(ref _count, count) != expected.Count || count == 0)
            return;
        Cost = _meter.Stop();
        OnComplete?.Invoke();
    }

    public Cost CostAtEnd() => Cost ?? _meter.Stop();
}
