using StreamKit.State;
using StreamKit.Tests.State.Segments;

namespace StreamKit.Tests.State.Large;

/// <summary>
/// Random work on lists and maps of thousands of entries, beside plain collections, with cuts that are stored, fail, or are given up in the middle of it. The
/// segments of the cuts are merged at random. What they add up to must restore to what the collections held at the cut, and the work often goes on from there.
/// </summary>
public class LargeValueModelTests
{
    private const int Keys = 3;
    private const int MaxParallelism = 4;

    private static readonly KeyGroupRange s_all = new(0, MaxParallelism - 1);

    /// <summary>Set to repeat one run.</summary>
    private static readonly int s_firstSeed = int.Parse(Environment.GetEnvironmentVariable("STREAMKIT_SEED") ?? "1");

    /// <summary>Set for a long run.</summary>
    private static readonly int s_seeds = int.Parse(Environment.GetEnvironmentVariable("STREAMKIT_LARGE_SEEDS") ?? "12");

    [Fact]
    public async Task LargeValues_RandomWorkAndCuts_RestoreToTheMomentOfTheCut()
    {
        for (int seed = s_firstSeed; seed < s_firstSeed + s_seeds; seed++)
        {
            try
            {
                await new Run(seed).WorkAsync();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed} failed; repeat it with STREAMKIT_SEED={seed}.", e);
            }
        }
    }

    private sealed class Run(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly SerializerRegistry _serializers = new();
        private readonly List<List<TestRow>> _segments = [];
        private LargeModel _state = null!; // set before the first batch
        private Dictionary<long, LargeModelRow> _model = [];
        private KeyedStateCut? _cut;
        private Dictionary<long, LargeModelRow> _modelAtCut = [];
        private IReadOnlyList<StateDescriptor> _states = [];
        private int _stored;

        public async Task WorkAsync()
        {
            _state = New();
            for (int batch = 0; batch < 150 || _stored < 3; batch++)
            {
                Batch();
                await StepCutAsync();
            }
        }

        private LargeModel New() => new(new KeyedState<long>(s_all, MaxParallelism, _serializers.GetKey<long>()), _serializers);

        private void Batch()
        {
            long[] keys = [.. Enumerable.Range(0, _random.Next(1, 12)).Select(_ => (long)_random.Next(Keys))];
            int[] slots = new int[keys.Length];
            _state.State.Resolve(keys, slots);
            for (int i = 0; i < keys.Length; i++)
            {
                if (!_model.TryGetValue(keys[i], out LargeModelRow? row))
                    _model.Add(keys[i], row = new LargeModelRow());
                _state.State.CurrentSlot = slots[i];
                if (_random.Next(40) == 0)
                    _state.Check(row);
                else
                    _state.Change(row, _random);
            }

            _state.State.EndBatch();
            foreach (long key in keys)
            {
                if (_model.TryGetValue(key, out LargeModelRow? row) && row.IsEmpty)
                    _model.Remove(key);
            }
        }

        private async Task StepCutAsync()
        {
            if (_cut is null)
            {
                if (_random.Next(2) > 0)
                    return;
                _modelAtCut = _model.ToDictionary(static pair => pair.Key, static pair => pair.Value.Copy());
                _cut = _state.State.Cut();
                _states = _cut.States;
            }
            else if (_random.Next(12) == 0)
            {
                _cut.Dispose();
                _cut = null;
            }
            else if (_cut.Advance(_random.Next(1, 200)))
            {
                await WriteAsync(_cut);
                _cut = null;
            }
        }

        private async Task WriteAsync(KeyedStateCut cut)
        {
            using var sink = new RecordedRows();
            if (_random.Next(3) > 0)
                Batch(); // what it does is not part of the cut
            await cut.WriteAsync(sink, CancellationToken.None);
            for (int i = 1; i < sink.Rows.Count; i++)
                Assert.True(RecordedRow.Compare(sink.Rows[i - 1], sink.Rows[i]) < 0, "rows are out of order");
            if (_random.Next(4) == 0)
            {
                cut.Dispose(); // the upload has failed
                return;
            }

            cut.Complete();
            _stored++;
            _segments.Add([.. sink.Rows.Select(static row => new TestRow(row.KeyGroup, row.StateId, row.Key, row.SubKey, row.Value))]);
            await MergeSomeAsync();
            LargeModel restored = await RestoreAsync();
            if (_random.Next(2) == 0)
                return;
            _state = restored; // a crash
            _model = _modelAtCut.ToDictionary(static pair => pair.Key, static pair => pair.Value.Copy());
        }

        private async Task<LargeModel> RestoreAsync()
        {
            LargeModel restored = New();
            foreach (TestRow row in await MergeAsync(0, _segments.Count, keepsTombstones: false))
                restored.State.Load(row.KeyGroup, row.StateId, row.Key, row.SubKey, row.Value);
            restored.State.MarkStored();
            restored.State.EndBatch();
            Assert.Equal(_modelAtCut.Count, restored.State.LiveKeys);
            foreach ((long key, LargeModelRow row) in _modelAtCut)
            {
                Assert.True(restored.State.TryFind(key, out int slot));
                restored.State.CurrentSlot = slot;
                if (_random.Next(2) == 0)
                    restored.Check(row); // hands out boxes, which changes them
            }

            restored.State.EndBatch();
            return restored;
        }

        private async Task MergeSomeAsync()
        {
            if (_segments.Count < 4 || _random.Next(3) == 0)
                return;
            int first = _random.Next(_segments.Count - 2);
            int count = _random.Next(2, _segments.Count - first + 1);
            List<TestRow> merged = await MergeAsync(first, count, keepsTombstones: first > 0);
            _segments.RemoveRange(first, count);
            _segments.Insert(first, merged);
        }

        private async Task<List<TestRow>> MergeAsync(int first, int count, bool keepsTombstones)
        {
            var segments = new List<(SegmentReader, KeyGroupRange)>();
            foreach (List<TestRow> rows in _segments.GetRange(first, count))
                segments.Add((await SegmentFixture.WriteAndOpenAsync(rows), s_all));
            using var merge = new SegmentMerge(segments, keepsTombstones);
            var merged = new List<TestRow>();
            while (await merge.MoveNextAsync(CancellationToken.None))
                merged.Add(SegmentFixture.ToTestRow(merge.Current));
            return merged;
        }
    }
}
