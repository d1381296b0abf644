using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace StreamKit.State;

/// <summary>
/// Reads all that a subtask has in its segments, beside its work, key by key with all states of each, so that in the end everything is in memory and the segments
/// are not needed any more. What it has read waits for the owner of the state to take it.
/// </summary>
internal sealed partial class HomeWarmUp
{
    /// <summary>What is taken at once holds the owner up for some ten microseconds.</summary>
    private const int KeysPerBatch = 256;

    private const int BytesPerBatch = 64 << 10;

    private const int BatchesAhead = 4;

    /// <summary>A store that is away comes back, or the job fails for reasons of its own.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly HomeWarmUpSetup _setup;
    private readonly Channel<HomeReadBatch> _ready = Channel.CreateBounded<HomeReadBatch>(new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
    private int _firstKeyGroup;

    /// <param name="setup">What it works with.</param>
    public HomeWarmUp(HomeWarmUpSetup setup)
    {
        _setup = setup;
        _firstKeyGroup = setup.KeyGroups.First;
    }

    /// <summary>Whether <see cref="TryTake"/> has something to give or to throw, or nothing will follow.</summary>
    public bool HasNews => _ready.Reader.Count > 0 || _ready.Reader.Completion.IsCompleted;

    /// <summary>True when all has been taken.</summary>
    public bool IsComplete => _ready.Reader.Completion.IsCompletedSuccessfully;

    /// <summary>Takes the next keys with their rows, in order of key group and key.</summary>
    /// <returns>False when there are none at hand.</returns>
    /// <exception cref="CheckpointDamagedException">What is to be read is damaged.</exception>
    public bool TryTake(out HomeReadBatch batch)
    {
        if (_ready.Reader.TryRead(out batch!))
            return true;
        if (_ready.Reader.Completion.IsFaulted)
            _ready.Reader.Completion.GetAwaiter().GetResult(); // throws
        return false;
    }

    /// <summary>Nobody takes any more; on the owner's thread.</summary>
    public void Stop() => _ready.Writer.TryComplete();

    /// <summary>Reads to the end, however often the store fails; then <see cref="IsComplete"/>. Never fails itself.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (!await TryReadAsync())
                await Task.Delay(Pause, _setup.TimeProvider, _setup.Stopping);
            _ready.Writer.TryComplete();
        }
        catch (OperationCanceledException) when (_setup.Stopping.IsCancellationRequested)
        {
            return;
        }
        catch (ChannelClosedException)
        {
            return;
        }
        catch (Exception cause)
        {
            _ready.Writer.TryComplete(cause);
        }

        _setup.Notify();
    }

    /// <returns>False when the store has failed, and what is left may be tried again.</returns>
    private async Task<bool> TryReadAsync()
    {
        var keyGroups = new KeyGroupRange(_firstKeyGroup, _setup.KeyGroups.Last);
        HomeRange[] ranges = [.. _setup.StateIds.Order().Select(id => _setup.Home.ReadRange(id, keyGroups))];
        try
        {
            await ReadAsync(ranges);
            return true;
        }
        catch (Exception cause) when (cause is not (CheckpointDamagedException or ChannelClosedException) && !_setup.Stopping.IsCancellationRequested)
        {
            LogFailed(_setup.Logger, _setup.Name, cause);
            return false;
        }
        finally
        {
            foreach (HomeRange range in ranges)
                await range.DisposeAsync();
        }
    }

    private async Task ReadAsync(HomeRange[] ranges)
    {
        bool[] hasRow = new bool[ranges.Length];
        for (int i = 0; i < ranges.Length; i++)
            hasRow[i] = await ranges[i].MoveNextAsync(_setup.Stopping);
        var batch = new HomeReadBatch(_setup.StateIds);
        for (int first = FirstOf(ranges, hasRow); first >= 0; first = FirstOf(ranges, hasRow))
        {
            int key = Add(batch, ranges[first].Current);
            for (int i = first; i < ranges.Length; i++)
            {
                while (hasRow[i] && Take(batch, key, ranges[i]))
                    hasRow[i] = await ranges[i].MoveNextAsync(_setup.Stopping);
            }

            if (batch.Count >= KeysPerBatch || batch.Found.Length >= BytesPerBatch)
            {
                await HandOverAsync(batch);
                batch = new HomeReadBatch(_setup.StateIds);
            }
        }

        if (batch.Count > 0)
            await HandOverAsync(batch);
    }

    private async Task HandOverAsync(HomeReadBatch batch)
    {
        batch.Found.Settle(batch, segments: 1);
        int reached = batch.KeyGroup(batch.Count - 1);
        await _ready.Writer.WriteAsync(batch, _setup.Stopping);
        _firstKeyGroup = reached;
        _setup.Notify();
    }

    /// <summary>The range whose row is of the first key; of several, that of the lowest state.</summary>
    private static int FirstOf(HomeRange[] ranges, bool[] hasRow)
    {
        int first = -1;
        for (int i = 0; i < ranges.Length; i++)
        {
            if (hasRow[i] && (first < 0 || Compare(ranges[i].Current, ranges[first].Current) < 0))
                first = i;
        }

        return first;
    }

    private static int Compare(in SegmentRow left, in SegmentRow right)
    {
        int order = left.KeyGroup.CompareTo(right.KeyGroup);
        return order == 0 ? left.Key.SequenceCompareTo(right.Key) : order;
    }

    private static int Add(HomeReadBatch batch, in SegmentRow row) => batch.Add(row.KeyGroup, row.Key);

    /// <summary>Takes the row at hand if it is of a key.</summary>
    private static bool Take(HomeReadBatch batch, int key, HomeRange range)
    {
        SegmentRow row = range.Current;
        if (row.KeyGroup != batch.KeyGroup(key) || !row.Key.SequenceEqual(batch.Key(key)))
            return false;
        batch.Found.Add(key, age: 0, row, range.SchemaGeneration);
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "State of {Name} could not be read ahead; what is needed is read when it is, and the rest is tried again in a second")]
    private static partial void LogFailed(ILogger logger, string name, Exception cause);
}
