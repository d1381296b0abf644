using StreamKit.State;

namespace StreamKit.Tests.State;

/// <summary>
/// Random work on state of every kind, beside plain dictionaries, with cuts that are advanced, written, or given up in the middle of it.
/// What a cut has written must restore, at any parallelism, to what the dictionaries held at its moment.
/// </summary>
public class KeyedStateModelTests
{
    private const int MaxParallelism = 16;

    /// <summary>Set to repeat one run.</summary>
    private static readonly int FirstSeed = int.Parse(Environment.GetEnvironmentVariable("STREAMKIT_SEED") ?? "1");

    [Fact]
    public Task LongKeys_RandomWorkAndCuts_RestoreToTheMomentOfTheCut() =>
        RunAsync(4, i => (long)i << (i % 40));

    [Fact]
    public Task StringKeys_RandomWorkAndCuts_RestoreToTheMomentOfTheCut() =>
        RunAsync(2, i => i == 0 ? "" : "customer-" + i);

    [Fact]
    public Task RecordKeys_RandomWorkAndCuts_RestoreToTheMomentOfTheCut() =>
        RunAsync(2, i => new Card("bank" + (i % 3), i));

    private static async Task RunAsync<TKey>(int seeds, Func<int, TKey> keyOf)
        where TKey : notnull
    {
        for (int seed = FirstSeed; seed < FirstSeed + seeds; seed++)
        {
            try
            {
                using var run = new Run<TKey>(seed, keyOf);
                await run.WorkAsync();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed} failed; repeat it with STREAMKIT_SEED={seed}.", e);
            }
        }
    }

    private sealed class Run<TKey> : IDisposable
        where TKey : notnull
    {
        private readonly int _seed;
        private readonly Random _random;
        private readonly Func<int, TKey> _keyOf;
        private readonly SerializerRegistry _serializers = new();
        private readonly StateModel<TKey> _state;
        private readonly Dictionary<TKey, ModelRow> _model = [];
        private KeyedStateCut? _cut;
        private Dictionary<TKey, ModelRow> _modelAtCut = [];
        private RecordedRows? _rows;
        private Task? _writing;
        private readonly RowUnion _stored = new();
        private int _restored;

        public Run(int seed, Func<int, TKey> keyOf)
        {
            _seed = seed;
            _random = new Random(seed);
            _keyOf = keyOf;
            _state = new StateModel<TKey>(New(new KeyGroupRange(0, MaxParallelism - 1)), _serializers, seed);
        }

        public async Task WorkAsync()
        {
            int keySpace = _random.Next(2) == 0 ? 20 : 3_000;
            for (int batch = 0; batch < 120; batch++)
            {
                Batch(keySpace);
                await StepCutAsync();
            }

            while (_cut is not null || _restored == 0)
                await StepCutAsync();
            while (_cut is null)
                await StepCutAsync();
            for (int last = _restored; last == _restored;)
                await StepCutAsync();
            _state.State.EndBatch();
            Assert.Null(_cut);
            Assert.Equal(_model.Count, _state.State.LiveKeys); // what was deleted has been stored as deleted
        }

        public void Dispose() => _rows?.Dispose();

        private KeyedState<TKey> New(KeyGroupRange range) => new(range, MaxParallelism, _serializers.GetKey<TKey>());

        private void Batch(int keySpace)
        {
            var keys = new TKey[_random.Next(1, 64)];
            int[] slots = new int[keys.Length];
            for (int i = 0; i < keys.Length; i++)
                keys[i] = _keyOf(_random.Next(keySpace));
            _state.State.Resolve(keys, slots);
            for (int i = 0; i < keys.Length; i++)
            {
                if (!_model.TryGetValue(keys[i], out ModelRow? row))
                    _model.Add(keys[i], row = new ModelRow());
                _state.State.CurrentSlot = slots[i];
                Assert.Equal(keys[i], _state.State.KeyOf(slots[i]));
                _state.Change(row, _random);
            }

            _state.State.EndBatch();
            foreach (TKey key in keys)
            {
                if (_model.TryGetValue(key, out ModelRow? row) && row.IsEmpty)
                    _model.Remove(key);
            }
        }

        private async Task StepCutAsync()
        {
            if (_cut is null)
            {
                if (_random.Next(3) > 0)
                    return;
                _modelAtCut = _model.ToDictionary(pair => pair.Key, pair => pair.Value.Copy());
                _cut = _state.State.Cut();
            }
            else if (_writing is null)
            {
                if (_random.Next(60) == 0)
                    GiveUp();
                else if (_cut.Advance(_random.Next(1, 80)))
                    Write();
            }
            else if (_random.Next(400) == 0)
            {
                GiveUp();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _writing ?? Task.CompletedTask);
                _writing = null;
            }
            else
            {
                for (int steps = _random.Next(200); steps > 0 && !_writing.IsCompleted; steps--)
                    _rows!.Step(); // it is being written
                if (_writing.IsCompleted)
                    await CompleteAsync();
            }
        }

        private void Write()
        {
            _rows?.Dispose();
            _rows = new RecordedRows(gated: true);
            _writing = _cut!.WriteAsync(_rows, CancellationToken.None).AsTask(); // there is one
        }

        private void GiveUp()
        {
            _cut!.Dispose(); // there is one
            while (_writing is { IsCompleted: false })
                _rows!.Step(); // it is being written
            _cut = null;
        }

        private async Task CompleteAsync()
        {
            await _writing!; // it has completed
            _cut!.Complete(); // there is one
            Assert.True(_cut.IsFinished);
            for (int i = 1; i < _rows!.Rows.Count; i++)
                Assert.True(RecordedRow.Compare(_rows.Rows[i - 1], _rows.Rows[i]) < 0, "rows are out of order");
            _stored.Apply(_rows.Rows);
            Restore(_stored.Rows, _cut.States, parallelism: _random.Next(1, 5));
            _cut = null;
            _writing = null;
            _restored++;
        }

        private void Restore(IEnumerable<RecordedRow> rows, IReadOnlyList<StateDescriptor> states, int parallelism)
        {
            int found = 0;
            for (int subtask = 0; subtask < parallelism; subtask++)
            {
                KeyGroupRange range = KeyGroups.RangeOf(subtask, parallelism, MaxParallelism);
                KeyedState<TKey> state = New(range);
                state.Restore(states, states.Select(s => s.Id + 1).DefaultIfEmpty(1).Max());
                var restored = new StateModel<TKey>(state, _serializers, _seed + subtask + 1);
                foreach (RecordedRow row in rows)
                    state.Load(row.KeyGroup, row.StateId, row.Key, row.SubKey, row.Value);
                state.EndBatch();

                found += state.LiveKeys;
                foreach ((TKey key, ModelRow row) in _modelAtCut)
                {
                    bool ours = range.Contains(KeyGroups.Of(_serializers.GetKey<TKey>().Hash(key), MaxParallelism));
                    Assert.Equal(ours, state.TryFind(key, out int slot));
                    if (!ours)
                        continue;
                    state.CurrentSlot = slot;
                    restored.Check(row);
                }
            }

            Assert.Equal(_modelAtCut.Count, found);
        }
    }
}
