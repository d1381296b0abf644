namespace StreamKit.State.Faster.Tests;

/// <summary>
/// Random work on a store, beside dictionaries: what each key's newest row is, and what the home tier holds once cuts are committed.
/// A row that is found must be the newest; an absent one must not exist; and for a key that may have been dropped the home tier must be right.
/// </summary>
internal sealed class StoreModel(int seed, LocalStore store, int keys)
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<int, byte[]> _newest = [];
    private readonly Queue<(LocalCut Cut, Dictionary<int, byte[]> Rows)> _cuts = [];
    private readonly RowReadBatch _batch = new();
    private readonly List<int> _asked = [];
    private Dictionary<int, byte[]> _home = [];

    public int Found { get; private set; }

    public int Dropped { get; private set; }

    public int TimesFull { get; private set; }

    /// <summary>Called now and then, as a simulation's executor would run other work.</summary>
    public Action? Meanwhile { get; init; }

    public void Work(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            switch (_random.Next(1000))
            {
                case < 600:
                    Write();
                    break;
                case < 980:
                    ReadBatch();
                    break;
                case < 988:
                    Cut();
                    break;
                case < 994:
                    Commit();
                    break;
                case < 996:
                    store.GrowIndex();
                    break;
                case < 997:
                    store.DropHead();
                    break;
                default:
                    Meanwhile?.Invoke();
                    break;
            }
        }
    }

    public void ReadEverything()
    {
        for (var key = 0; key < keys; key++)
        {
            Ask(key);
            if (_batch.Count == 200)
                Check();
        }

        Check();
    }

    private void Write()
    {
        if (_random.Next(2) == 0)
        {
            WriteRows();
            return;
        }

        using (store.WriteTogether())
            WriteRows();
    }

    private void WriteRows()
    {
        for (var rows = _random.Next(1, 40); rows > 0; rows--)
        {
            var key = NextKey();
            var value = _random.Next(10) == 0 ? null : Value();
            var bytes = KeyBytes(key);
            Retrying(() =>
            {
                if (value is null)
                    store.Delete(bytes);
                else
                    store.Upsert(bytes, value);
            });
            if (value is null)
                _newest.Remove(key);
            else
                _newest[key] = value;
        }
    }

    /// <summary>When the store is full, what a subtask does: a checkpoint, and once more.</summary>
    private void Retrying(Action write)
    {
        try
        {
            write();
        }
        catch (LocalStoreFullException)
        {
            TimesFull++;
            Cut();
            while (_cuts.Count > 0)
                Commit();
            write();
        }
    }

    private void ReadBatch()
    {
        for (var count = _random.Next(1, 64); count > 0; count--)
            Ask(NextKey());
        Check();
    }

    private void Cut() => _cuts.Enqueue((store.Cut(), new Dictionary<int, byte[]>(_newest)));

    /// <summary>Sometimes a cut is given up, and the next one takes its place.</summary>
    private void Commit()
    {
        if (_cuts.Count > 1 && _random.Next(4) == 0)
            _cuts.Dequeue();
        if (!_cuts.TryDequeue(out var oldest))
            return;
        _home = oldest.Rows;
        store.Committed(oldest.Cut);
    }

    private void Ask(int key)
    {
        _batch.Add(KeyBytes(key));
        _asked.Add(key);
    }

    private void Check()
    {
        store.Read(_batch);
        for (var i = 0; i < _asked.Count; i++)
        {
            var key = _asked[i];
            var expected = _newest.GetValueOrDefault(key);
            var right = _batch.Status(i) switch
            {
                LocalRowStatus.Found => expected is not null && _batch.Value(i).SequenceEqual(expected),
                LocalRowStatus.Absent => expected is null,
                _ => ReferenceEquals(expected, _home.GetValueOrDefault(key)),
            };
            if (!right)
            {
                throw new InvalidOperationException(
                    $"Wrong answer for key {key}: {_batch.Status(i)} with {_batch.Value(i).Length} bytes; the newest row has {expected?.Length ?? -1}, the home tier's {_home.GetValueOrDefault(key)?.Length ?? -1}.");
            }

            Found += _batch.Status(i) == LocalRowStatus.Found ? 1 : 0;
            Dropped += _batch.Status(i) == LocalRowStatus.Dropped ? 1 : 0;
        }

        _batch.Clear();
        _asked.Clear();
    }

    /// <summary>A few keys are hot, so that rows change in place, in the part of the log that still allows it.</summary>
    private int NextKey() => _random.Next(3) == 0 ? _random.Next(Math.Min(50, keys)) : _random.Next(keys);

    private byte[] Value()
    {
        var value = new byte[_random.Next(1000) switch
        {
            < 40 => 0,
            < 985 => _random.Next(1, 300),
            < 998 => _random.Next(300, 20_000),
            _ => _random.Next(20_000, 200_000),
        }];
        _random.NextBytes(value);
        return value;
    }

    /// <summary>Keys are prefixes of each other, and end as stored keys of rows and chunks do.</summary>
    private static byte[] KeyBytes(int key)
    {
        var bytes = new byte[4 + key % 11];
        BitConverter.TryWriteBytes(bytes, key);
        if (bytes.Length > 4)
            bytes[^1] = (byte)(key % 2);
        return bytes;
    }
}
