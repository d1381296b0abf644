namespace StreamKit.Checkpoints;

/// <summary>
/// The memory that the merges of an attempt may take together. Who finds no room waits in line; a chain has one merge at a time, so the
/// chains take turns. Safe for concurrent use.
/// </summary>
/// <param name="bytes">What all take at most. A merge that needs more runs alone.</param>
internal sealed class MergeRoom(long bytes = MergeRoom.DefaultBytes)
{
    /// <summary>Two merges of long segments, or some dozens of short ones.</summary>
    private const long DefaultBytes = 64L << 20;

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiting> _line = [];
    private long _taken;

    /// <summary>Waits for room. Dispose of what is returned to give it back.</summary>
    /// <param name="needed">The bytes that the merge takes, estimated.</param>
    /// <param name="cancellationToken">Leaves the line.</param>
    public async ValueTask<IDisposable> EnterAsync(long needed, CancellationToken cancellationToken)
    {
        var place = new Waiting(Math.Clamp(needed, 0, bytes));
        LinkedListNode<Waiting> node;
        lock (_lock)
        {
            node = _line.AddLast(place);
            Admit();
        }

        await using (cancellationToken.UnsafeRegister(_ => Leave(node, cancellationToken), null))
        {
            await place.Admitted.Task;
        }

        return new Taken(this, place.Bytes);
    }

    private void Leave(LinkedListNode<Waiting> node, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (node.List is null)
            {
                return;
            }

            _line.Remove(node);
            node.Value.Admitted.SetCanceled(cancellationToken);
            Admit();
        }
    }

    private void Return(long returned)
    {
        lock (_lock)
        {
            _taken -= returned;
            Admit();
        }
    }

    /// <summary>In the order of the line: who needs much is not overtaken for ever.</summary>
    private void Admit()
    {
        while (_line.First is { } first && _taken + first.Value.Bytes <= bytes)
        {
            _line.RemoveFirst();
            _taken += first.Value.Bytes;
            first.Value.Admitted.SetResult();
        }
    }

    private sealed class Waiting(long bytes)
    {
        public long Bytes => bytes;

        // Nobody goes on within the lock.
        public TaskCompletionSource Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Taken(MergeRoom room, long bytes) : IDisposable
    {
        private long _bytes = bytes;

        public void Dispose()
        {
            room.Return(_bytes);
            _bytes = 0;
        }
    }
}
