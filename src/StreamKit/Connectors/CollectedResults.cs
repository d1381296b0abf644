using System.Collections;

namespace StreamKit;

/// <summary>
/// The records of a stream, gathered in memory as their checkpoints are committed: each exactly once, also when the job restarts itself. Meant for tests and small results, because all of them are kept,
/// and those of a durable checkpoint are written into it. A process that takes a job over gathers what was not committed before; what an earlier process had gathered is gone with it.
/// </summary>
/// <typeparam name="T">The record type.</typeparam>
/// <remarks>May be read at any time, also while the job runs; reading sees what is committed at that moment. Records of one subtask are in order.</remarks>
public sealed class CollectedResults<T> : IReadOnlyList<T>
{
    private readonly Lock _lock = new();
    private readonly List<T> _committed = [];
    private readonly HashSet<string> _transactions = [];
    private readonly Dictionary<string, IReadOnlyList<T>> _prepared = [];

    internal CollectedResults()
    {
    }

    /// <summary>The number of records committed so far.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _committed.Count;
        }
    }

    /// <summary>A record by its place among those committed.</summary>
    /// <param name="index">From 0.</param>
    public T this[int index]
    {
        get
        {
            lock (_lock)
                return _committed[index];
        }
    }

    /// <summary>Enumerates the records that are committed now.</summary>
    /// <returns>An enumerator that does not see later ones.</returns>
    public IEnumerator<T> GetEnumerator()
    {
        T[] now;
        lock (_lock)
            now = [.. _committed];
        return ((IEnumerable<T>)now).GetEnumerator();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Prepare(string transaction, IReadOnlyList<T> records)
    {
        lock (_lock)
            _prepared.Add(transaction, records);
    }

    /// <summary>Adds a transaction's records, unless they were added before.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="restore">Gives the records of a transaction that another process prepared.</param>
    internal void Commit(string transaction, Func<IReadOnlyList<T>> restore)
    {
        lock (_lock)
        {
            if (_transactions.Contains(transaction))
                return;
            _committed.AddRange(_prepared.Remove(transaction, out IReadOnlyList<T>? records) ? records : restore());
            _transactions.Add(transaction);
        }
    }

    internal void Abort(Func<string, bool> isAbandoned)
    {
        lock (_lock)
        {
            foreach (string transaction in _prepared.Keys.Where(isAbandoned).ToList())
                _prepared.Remove(transaction);
        }
    }
}
