using System.Runtime.CompilerServices;
using StreamKit.Checkpoints;
using StreamKit.State;
using StreamKit.StateProcessing;

namespace StreamKit;

/// <summary>
/// Asks a job for keyed state while it runs, from any thread, without disturbing it. Answers come from the job's newest committed checkpoint and say which
/// that is: all that one call gives is of one moment, exactly once, and consistent with what other states, operators and committed output have of it.
/// </summary>
/// <remarks>
/// <para>
/// The job's own memory is never looked at. What has happened since the checkpoint is not seen; how old an answer may be is a matter of
/// <see cref="CheckpointOptions.Interval"/>. Values that have expired meanwhile are not given. After the job has ended its last checkpoint can be queried on.
/// </para>
/// <para>
/// Blocks of stored state are kept in memory as far as <see cref="StreamJobBuilder.QueryCacheBytes"/> allows; where they are there, an answer comes without
/// waiting. Reads are made, and go on, where the query is awaited. Safe for concurrent use; make one and keep it.
/// </para>
/// </remarks>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="T">The type of what is asked for: values, lists or maps.</typeparam>
public sealed class StateQuery<TKey, T>
    where TKey : notnull
{
    /// <summary>Keys looked up at once: their rows are in memory together.</summary>
    private const int KeysAtATime = 512;

    private readonly QueriedState _state;
    private readonly string _operatorName;
    private readonly Func<QueriedOperator, QueryView<TKey, T>> _open;
    private QueryView<TKey, T>? _view;

    internal StateQuery(QueriedState state, string operatorName, Func<QueriedOperator, QueryView<TKey, T>> open)
    {
        _state = state;
        _operatorName = operatorName;
        _open = open;
    }

    /// <summary>Asks for one key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>What the state had for it.</returns>
    /// <exception cref="NoCheckpointException">The job has no checkpoint yet.</exception>
    /// <exception cref="StreamKitException">There is no such operator or state, it is of another kind or type, or it cannot be read.</exception>
    public ValueTask<StateAnswer<T>> GetAsync(TKey key, CancellationToken cancellationToken = default)
    {
        ThrowIfNull(key);
        if (Volatile.Read(ref _view) is { } view && ReferenceEquals(view.Manifest, _state.Newest))
        {
            QueryDesk<TKey, T> desk = view.Rent();
            desk.Add(key);
            if (view.Tier.TryRead(desk.Batch))
            {
                StateAnswer<T> answer = Answer(view, desk, key);
                view.Return(desk);
                return new ValueTask<StateAnswer<T>>(answer);
            }

            view.Return(desk);
        }

        return GetFromStoreAsync(key, cancellationToken);
    }

    /// <summary>Asks for several keys, all as of one checkpoint. Their blocks are read side by side, each once.</summary>
    /// <param name="keys">The keys. One that comes twice is answered once.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>What the state had for them.</returns>
    /// <inheritdoc cref="GetAsync" path="/exception"/>
    public async ValueTask<StateAnswers<TKey, T>> GetManyAsync(IEnumerable<TKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        using CheckpointReading reading = _state.BeginReading();
        QueryView<TKey, T> view = await ViewAsync(reading, cancellationToken);
        var found = new Dictionary<TKey, T>();
        QueryDesk<TKey, T> desk = view.Rent();
        foreach (TKey[] some in keys.Chunk(KeysAtATime))
        {
            foreach (TKey key in some)
            {
                ThrowIfNull(key);
                desk.Add(key);
            }

            await view.Tier.ReadAsync(desk.Batch, cancellationToken);
            for (int i = 0; i < some.Length; i++)
            {
                if (desk.TryTake(i, some[i], out T value))
                {
                    found[some[i]] = value;
                }
            }

            desk.Clear();
        }

        view.Return(desk);
        return new StateAnswers<TKey, T>(found, view.Manifest.Number, view.Manifest.Timestamp);
    }

    /// <summary>
    /// Goes through all keys, as of the checkpoint that was the newest when the enumeration began: that one is kept until it ends, however many come after
    /// it. What is read passes by the cache.
    /// </summary>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>The keys that had anything, by key group.</returns>
    /// <inheritdoc cref="GetAsync" path="/exception"/>
    public async IAsyncEnumerable<StateEntry<TKey, T>> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using CheckpointReading reading = _state.BeginReading();
        QueryView<TKey, T> view = await ViewAsync(reading, cancellationToken);
        using EntryLoader<TKey, T> loader = view.NewLoader();
        (int KeyGroup, TKey Key, T Entry) next;
        foreach (KeyGroupRange range in view.Ranges())
        {
            await using HomeRange rows = view.Tier.ReadRange(view.State.Id, range);
            while (await rows.MoveNextAsync(cancellationToken))
            {
                if (loader.MoveTo(rows.Current, rows.SchemaGeneration, out next))
                {
                    yield return view.Entry(next.Key, next.Entry);
                }
            }
        }

        if (loader.TryFinish(out next))
        {
            yield return view.Entry(next.Key, next.Entry);
        }
    }

    private async ValueTask<StateAnswer<T>> GetFromStoreAsync(TKey key, CancellationToken cancellationToken)
    {
        using CheckpointReading reading = _state.BeginReading();
        QueryView<TKey, T> view = await ViewAsync(reading, cancellationToken);
        QueryDesk<TKey, T> desk = view.Rent();
        desk.Add(key);
        await view.Tier.ReadAsync(desk.Batch, cancellationToken);
        StateAnswer<T> answer = Answer(view, desk, key);
        view.Return(desk);
        return answer;
    }

    private static StateAnswer<T> Answer(QueryView<TKey, T> view, QueryDesk<TKey, T> desk, TKey key)
    {
        bool has = desk.TryTake(0, key, out T value);
        return new StateAnswer<T>(has, value, view.Manifest.Number, view.Manifest.Timestamp);
    }

    private async ValueTask<QueryView<TKey, T>> ViewAsync(CheckpointReading reading, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _view) is { } known && ReferenceEquals(known.Manifest, reading.Manifest))
        {
            return known;
        }

        QueryView<TKey, T> view = _open(await _state.MountAsync(reading, _operatorName, cancellationToken));
        Volatile.Write(ref _view, view);
        return view;
    }

    private static void ThrowIfNull(TKey key)
    {
        if (key is null)
        {
            throw new ArgumentNullException(nameof(key));
        }
    }
}
