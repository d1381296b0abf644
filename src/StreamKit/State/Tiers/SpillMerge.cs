using System.Runtime.ExceptionServices;

namespace StreamKit.State;

/// <summary>Makes one spill run of several that lie side by side in age. Run on the job's executor; everything else is for the owner of the runs.</summary>
/// <param name="files">Makes the new run.</param>
/// <param name="range">The key groups of the subtask.</param>
/// <param name="inputs">From the oldest to the newest. They stay their owner's, and may be disposed of at any time once the merge is given up.</param>
internal sealed class SpillMerge(SpillFiles files, KeyGroupRange range, IReadOnlyList<SpillRun> inputs)
{
    private readonly Lock _lock = new();
    private volatile bool _isGivenUp;
    private Exception? _failure;

    /// <summary>What is merged.</summary>
    public IReadOnlyList<SpillRun> Inputs => inputs;

    /// <summary>What has come out, when the merge is over; null when there was no row.</summary>
    public SpillRun? Result { get; private set; }

    /// <summary>Nobody wants the result any more.</summary>
    public void GiveUp()
    {
        lock (_lock)
        {
            _isGivenUp = true;
            Result?.Dispose();
        }
    }

    /// <summary>Never fails: who asks for the result is told.</summary>
    public async Task RunAsync()
    {
        try
        {
            SpillRun? result = await files.WriteAsync(
                segment => SpillUnions.WriteAsync(inputs, range, segment, ThrowIfGivenUp, CancellationToken.None), inputs.Max(static run => run.Tier) + 1, CancellationToken.None);
            lock (_lock)
            {
                Result = result;
                if (_isGivenUp)
                    result?.Dispose();
            }
        }
        catch (Exception cause)
        {
            _failure = cause; // of no interest once given up: its files are gone then
        }
    }

    /// <exception cref="StreamKitException">The merge has failed.</exception>
    public void ThrowIfFailed()
    {
        if (_failure is { } failure)
            ExceptionDispatchInfo.Throw(failure);
    }

    private void ThrowIfGivenUp()
    {
        if (_isGivenUp)
            throw new OperationCanceledException("The merge of spilled rows was given up.");
    }
}
