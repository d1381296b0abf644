using System.Collections.Concurrent;
using StreamKit.Checkpoints;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.StateProcessing;

/// <summary>
/// A state in one checkpoint, as a query reads it. Safe for concurrent use. When the next checkpoint has taken its place, its desks are left to the
/// garbage collector with it: somebody may still have one.
/// </summary>
internal sealed class QueryView<TKey, T>
    where TKey : notnull
{
    private readonly ConcurrentBag<QueryDesk<TKey, T>> _desks = [];
    private readonly QueriedOperator _mounted;
    private readonly EntryShape<T> _shape;
    private readonly StateSignature _signature;
    private readonly KeySerializer<TKey> _keys;
    private readonly TimeProvider _timeProvider;

    /// <param name="mounted">The operator.</param>
    /// <param name="shape">The state as it is asked for.</param>
    /// <param name="serializers">Those of the job.</param>
    /// <param name="timeProvider">By which state expires.</param>
    /// <exception cref="StreamKitException">There is no such state, or it is of another kind or type.</exception>
    public QueryView(QueriedOperator mounted, EntryShape<T> shape, SerializerRegistry serializers, TimeProvider timeProvider)
    {
        _mounted = mounted;
        _shape = shape;
        _timeProvider = timeProvider;
        State = QueryableStates.Find(mounted.Stored, shape.StateName);
        _signature = shape.Signature(State.Kind);
        QueryableStates.ThrowIfOther(mounted.Stored, State, _signature);
        _keys = StoredKeys<TKey>.Of(mounted.Stored, serializers);
        Return(new QueryDesk<TKey, T>(State.Id, _keys, MaxParallelism, NewLoader())); // says now whether older rows can be read too
    }

    public CheckpointManifest Manifest => _mounted.Manifest;

    public HomeTier Tier => _mounted.Tier;

    public StateDescriptor State { get; }

    private int MaxParallelism => Manifest.Job.MaxParallelism;

    /// <summary>A desk for one caller; to be returned unless something failed.</summary>
    public QueryDesk<TKey, T> Rent() => _desks.TryTake(out QueryDesk<TKey, T>? desk) ? desk : new QueryDesk<TKey, T>(State.Id, _keys, MaxParallelism, NewLoader());

    public void Return(QueryDesk<TKey, T> desk)
    {
        desk.Clear();
        if (desk.IsWorthKeeping)
        {
            _desks.Add(desk);
        }
        else
        {
            desk.Dispose();
        }
    }

    public EntryLoader<TKey, T> NewLoader() => new(
        _mounted.Stored, State, _keys, MaxParallelism, owner => _shape.Declare(_signature, owner), new TtlClock(_timeProvider, Manifest.Timestamp));

    /// <summary>All key groups, in ranges that are each in the same segments: so no more of these are read at a time than are needed.</summary>
    public IEnumerable<KeyGroupRange> Ranges()
    {
        int[] starts = [.. _mounted.Tier.View.Select(static each => each.KeyGroups.First).Append(0).Distinct().Order()];
        for (int i = 0; i < starts.Length; i++)
        {
            yield return new KeyGroupRange(starts[i], i + 1 < starts.Length ? starts[i + 1] - 1 : MaxParallelism - 1);
        }
    }

    public StateEntry<TKey, T> Entry(TKey key, T value) => new(key, value, Manifest.Number, DateTimeOffset.FromUnixTimeMilliseconds(Manifest.Timestamp));
}
