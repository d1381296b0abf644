using System.Collections.Concurrent;
using StreamKit.Checkpoints;
using StreamKit.Elements;
using StreamKit.Operators;

namespace StreamKit.Runtime;

/// <summary>
/// One subtask of a chain: an actor that works in slices on the executor and is woken by <see cref="Notify"/>. Only one thread is ever inside it, and nothing in it waits.
/// A slice does the mail, what is due by the clock, a part of a cut, and a few batches of input.
/// </summary>
internal sealed class StreamTask : IThreadPoolWorkItem
{
    /// <summary>Batches per slice: long enough that scheduling costs nothing, short enough (some 100 µs) that others get their turn and barriers do not wait.</summary>
    private const int BatchesPerSlice = 16;

    private const int StateIdle = 0;
    private const int StateQueued = 1;
    private const int StateRunning = 2;
    private const int StateRunningAndNotified = 3;

    private readonly JobExecutor _executor;
    private readonly TimeProvider _time;
    private readonly TimeSpan _flushInterval;
    private readonly ConcurrentQueue<Action> _mailbox = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<OperatorCut> _contributions = [];
    private readonly ITaskOwner _owner;
    private IOperator[] _operators = [];
    private IExchangeWriter[] _outputs = [];
    private ISourceOperator? _source;
    private TaskInput? _input;
    private ITimer? _timer;
    private TaskSnapshot? _snapshot;
    private readonly Queue<CheckpointBarrier> _triggered = new();
    private CheckpointBarrier? _passing;
    private long _lastFlush;
    private int _state;
    private bool _stopping;
    private bool _ended;

    public StreamTask(SubtaskId id, JobExecutor executor, TimeProvider time, TimeSpan flushInterval, ITaskOwner owner)
    {
        Id = id;
        _executor = executor;
        _time = time;
        _flushInterval = flushInterval;
        _owner = owner;
        Busy = new TaskClock(time);
    }

    public SubtaskId Id { get; }

    /// <summary>Completes when the task has stopped: no thread is in it, and none will be.</summary>
    public Task Stopped => _stopped.Task;

    public IReadOnlyList<IOperator> Operators => _operators;

    public bool IsSource => _source is not null;

    /// <summary>How the task spent its time.</summary>
    public TaskClock Busy { get; }

    /// <summary>Gives the task its parts; once, before it is started.</summary>
    public void Assemble(IOperator[] operators, ISourceOperator? source, TaskInput? input, IExchangeWriter[] outputs)
    {
        _operators = operators;
        _source = source;
        _input = input;
        _outputs = outputs;
        _timer = _time.CreateTimer(static task => ((StreamTask)task!).Notify(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Wakes the task, from any thread.</summary>
    public void Notify()
    {
        Interlocked.MemoryBarrier(); // what the caller has written must be seen before the state is read, or a task that goes to sleep meanwhile is not woken
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state is StateQueued or StateRunningAndNotified)
                return;
            var next = state == StateIdle ? StateQueued : StateRunningAndNotified;
            if (Interlocked.CompareExchange(ref _state, next, state) != state)
                continue;
            if (next == StateQueued)
                _executor.Schedule(this);
            return;
        }
    }

    /// <summary>Has something done on the task's thread.</summary>
    public void Post(Action mail)
    {
        _mailbox.Enqueue(mail);
        Notify();
    }

    /// <summary>Ends the task after the slice at hand; what is in flight is dropped.</summary>
    public void Stop() => Post(() => _stopping = true);

    /// <summary>Adds an operator's cut to the checkpoint whose barrier passes; on the task's thread.</summary>
    public void Contribute(OperatorCut cut) => _contributions.Add(cut);

    /// <summary>The barrier has been sent down the chain; on the task's thread. Where an operator waits for state, the barrier waits behind what came before it.</summary>
    public void OnBarrierSent(CheckpointBarrier barrier)
    {
        _passing = barrier;
        EndPassing();
    }

    /// <summary>One barrier after the other: what operators contribute belongs to the one that passes.</summary>
    private void EmitTriggered()
    {
        while (_passing is null && _triggered.TryDequeue(out var barrier))
        {
            _source!.Emit(barrier); // only sources are asked
            OnBarrierSent(barrier);
        }
    }

    /// <summary>Takes the snapshot once the barrier has passed the whole chain.</summary>
    private void EndPassing()
    {
        if (_passing is not { } barrier)
            return;
        foreach (var each in _operators)
        {
            if (!each.IsCaughtUp)
                return;
        }

        _passing = null;
        _snapshot?.Abandon();
        _snapshot = new TaskSnapshot(barrier, [.. _contributions]);
        _contributions.Clear();
    }

    /// <summary>Has a source emit a barrier behind what it has emitted so far.</summary>
    public void TriggerBarrier(CheckpointBarrier barrier) => Post(() =>
    {
        _triggered.Enqueue(barrier);
        EmitTriggered();
    });

    public void Execute()
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_executor.Context);
        try
        {
            if (WorkWhileAlone())
                Requeue();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>Works slice by slice as long as nobody else wants the thread: to be queued after each slice would have the task's data move from core to core.</summary>
    /// <returns>True when there is more to do; false when the task has stopped or sleeps, and may be running elsewhere already.</returns>
    private bool WorkWhileAlone()
    {
        do
        {
            Interlocked.Exchange(ref _state, StateRunning); // a full fence: what a notification announced is looked at after this, or notified again
            var more = TryRunSlice();
            if (_stopping)
            {
                Finish();
                return false;
            }

            if (!more && Interlocked.CompareExchange(ref _state, StateIdle, StateRunning) == StateRunning)
                return false;
        }
        while (!_executor.HasWaiting);

        return true;
    }

    private bool TryRunSlice()
    {
        Busy.Begin();
        try
        {
            return !_stopping && RunSlice();
        }
        catch (Exception cause)
        {
            _stopping = true;
            _owner.OnFailure(this, cause);
            return false;
        }
        finally
        {
            Busy.End();
        }
    }

    /// <returns>True when there is more to do at once.</returns>
    private bool RunSlice()
    {
        while (_mailbox.TryDequeue(out var mail))
            mail();
        if (_stopping)
            return false;
        WakeOperators();
        EndPassing();
        EmitTriggered();
        Drain();
        AdvanceSnapshot();
        for (var i = 0; i < BatchesPerSlice; i++)
        {
            if (!CanTakeInput() || !TakeInput())
                return Rest();
        }

        return true;
    }

    private bool CanTakeInput()
    {
        foreach (var output in _outputs)
        {
            if (!output.HasCredit)
                return false;
        }

        foreach (var each in _operators)
        {
            if (!each.IsReady)
                return false;
        }

        return true;
    }

    private bool TakeInput()
    {
        if (_input is not null)
        {
            var processed = _input.TryProcess();
            if (_input.HasEnded)
                End();
            return processed;
        }

        var status = _source!.Poll(); // a task without inputs is headed by a source
        if (status == SourceStatus.Ended)
            End();
        return status == SourceStatus.Emitted;
    }

    private void End()
    {
        if (_ended)
            return;
        _ended = true;
        _owner.OnEnded(this);
    }

    private void WakeOperators()
    {
        var now = long.MaxValue;
        foreach (var each in _operators)
        {
            var due = each.NextWake;
            if (due == long.MaxValue)
                continue;
            if (now == long.MaxValue)
                now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            if (due <= now)
                each.OnWake(now);
        }
    }

    private void Drain()
    {
        foreach (var output in _outputs)
        {
            if (!output.HasCredit)
                output.Drain();
        }
    }

    /// <summary>Serializes a part of what must be serialized here; hands the snapshot on once nothing is left.</summary>
    private void AdvanceSnapshot()
    {
        if (_snapshot is not { } snapshot || !snapshot.Advance(_time))
            return;
        _snapshot = null;
        _owner.OnSnapshot(this, snapshot);
    }

    /// <summary>There is nothing to process: sends what waits, or sees to it that it is sent in time, and sleeps.</summary>
    /// <returns>True when there is more to do at once.</returns>
    private bool Rest()
    {
        if (_snapshot is not null)
            return true;
        foreach (var each in _operators)
        {
            if (each.Keyed is { } keyed && keyed.SettleSome())
                return true;
        }

        var wait = FlushOrWait();
        foreach (var each in _operators)
        {
            var due = each.NextWake;
            if (due == long.MaxValue)
                continue;
            var milliseconds = due - _time.GetUtcNow().ToUnixTimeMilliseconds();
            if (milliseconds <= 0)
                return true;
            var until = TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue));
            wait = wait < until ? wait : until;
        }

        if (wait != TimeSpan.MaxValue)
            _timer!.Change(wait, Timeout.InfiniteTimeSpan); // made in Assemble
        return false;
    }

    /// <returns>How long until a flush is due; <see cref="TimeSpan.MaxValue"/> when nothing waits.</returns>
    private TimeSpan FlushOrWait()
    {
        var pending = false;
        foreach (var output in _outputs)
            pending |= output.HasPending;
        if (!pending)
            return TimeSpan.MaxValue;
        var since = _time.GetElapsedTime(_lastFlush);
        if (_lastFlush != 0 && since < _flushInterval)
            return _flushInterval - since;
        foreach (var output in _outputs)
            output.Flush();
        _lastFlush = _time.GetTimestamp();
        return TimeSpan.MaxValue;
    }

    private void Requeue()
    {
        Volatile.Write(ref _state, StateQueued);
        _executor.Schedule(this);
    }

    /// <summary>The state stays at running, so that no notification schedules the task again.</summary>
    private void Finish()
    {
        Volatile.Write(ref _state, StateRunningAndNotified);
        _timer?.Dispose();
        _snapshot?.Abandon();
        _snapshot = null;
        foreach (var cut in _contributions)
            cut.Keyed?.Dispose();
        _stopped.TrySetResult();
    }
}
