using System.Globalization;
using System.IO.Pipelines;
using StreamKit.Elements;
using StreamKit.Operators;
using StreamKit.Runtime;
using StreamKit.State;

namespace StreamKit.Benchmarks;

/// <summary>
/// How long records stand still for the cuts of one subtask's keyed state, 1% of the keys changing from cut to cut: at the barrier, in each slice behind it, and in
/// the batches between them, as a task does them. In processor time of the owner's thread. Rows are written to nowhere by another thread.
/// </summary>
internal static class CutPauses
{
    private const int BatchSize = 512;
    private const int BatchesPerSlice = 16;

    /// <param name="args">The number of keys, and of cuts.</param>
    public static void Run(string[] args)
    {
        int keys = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10_000_000;
        int cuts = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 60;
        Console.WriteLine("milliseconds\tstep\ttimes\tp50\tp99\tmax\tmax without a collection in it");
        foreach (bool dense in new[] { false, true })
        {
            Measure("numbers", dense, keys, cuts, static state => new Numbers(state));
            Measure("objects", dense, keys, cuts, static state => new Objects(state));
            Measure("timers", dense, keys, cuts, static state => new Timers(state));
        }
    }

    private static void Measure(string name, bool dense, int keys, int cuts, Func<KeyedState<long>, Values> create)
    {
        var state = new KeyedState<long>(new KeyGroupRange(0, 127), 128, new SerializerRegistry().GetKey<long>());
        var run = new Measurement(state, create(state), keys, dense);
        run.Fill();
        for (int i = 0; i < cuts; i++)
            run.Interval();
        run.Print($"{name}, {(dense ? "side by side" : "anywhere")}");
        GC.Collect();
    }

    private sealed class Measurement(KeyedState<long> state, Values values, int keys, bool dense)
    {
        private readonly long[] _batch = new long[BatchSize];
        private readonly int[] _slots = new int[BatchSize];
        private readonly Dictionary<string, List<(double Time, bool Collected)>> _steps = [];
        private readonly Random _random = new(1);
        private long _next;
        private long _id;

        public void Fill()
        {
            for (long i = 0; i < keys; i += BatchSize)
            {
                for (int j = 0; j < BatchSize; j++)
                    _batch[j] = Math.Min(keys - 1, i + j);
                Process();
            }

            // Everything is stored before the first cut that counts.
            Interval();
            _steps.Clear();
        }

        public void Interval()
        {
            KeyedStateCut? cut = null;
            TaskSnapshot? snapshot = null;
            Step("barrier", () =>
            {
                cut = state.Cut();
                snapshot = new TaskSnapshot(new CheckpointBarrier(++_id, stops: false), [new OperatorCut { OperatorName = "measured", Keyed = cut }]);
            });
            Task? writing = null;
            int batches = Math.Max(1, keys / 100 / BatchSize);
            for (int i = 0; i < batches; i++)
            {
                if (i % BatchesPerSlice == 0 && writing is null)
                    Step("slice behind it", () => writing = snapshot!.Advance(TimeProvider.System) ? Task.Run(() => WriteAsync(cut!)) : null);
                if (i == batches / 2)
                    writing?.Wait(); // the other half comes after it is written, without more changes than there should be
                Next();
                Step(i < BatchesPerSlice ? "first batches behind it" : writing is null ? "batch between slices" : writing.IsCompleted ? "batch after it is written" : "batch while it is written", Process);
            }

            while (writing is null)
                Step("slice behind it", () => writing = snapshot!.Advance(TimeProvider.System) ? Task.Run(() => WriteAsync(cut!)) : null);
            writing.Wait();
            for (bool isMore = true; isMore;)
                Step("settling when idle", () => isMore = state.SettleSome());
        }

        public void Print(string name)
        {
            foreach ((string step, List<(double Time, bool Collected)> all) in _steps)
            {
                double[] times = [.. all.Select(static each => each.Time).Order()];
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name}\t{step}\t{times.Length}\t{times[times.Length / 2]:F3}\t{times[times.Length * 99 / 100]:F3}\t{times[^1]:F3}\t{all.Where(static each => !each.Collected).Select(static each => each.Time).DefaultIfEmpty().Max():F3}"));
            }
        }

        private static async Task WriteAsync(KeyedStateCut cut)
        {
            await cut.WriteAsync(PipeWriter.Create(Stream.Null), CancellationToken.None);
            cut.Complete();
            cut.Dispose();
        }

        private void Next()
        {
            for (int i = 0; i < BatchSize; i++)
                _batch[i] = dense ? _next++ % keys : _random.NextInt64(keys);
        }

        private void Process()
        {
            state.Resolve(_batch, _slots);
            values.Change(_slots);
            state.EndBatch();
        }

        private void Step(string name, Action step)
        {
            if (!_steps.TryGetValue(name, out List<(double Time, bool Collected)>? times))
                _steps.Add(name, times = []);
            int collections = GC.CollectionCount(0);
            double start = ThreadClock.Milliseconds;
            step();
            times.Add((ThreadClock.Milliseconds - start, GC.CollectionCount(0) != collections));
        }
    }

    /// <summary>A kind of state, and what a record does to it.</summary>
    private abstract class Values
    {
        public abstract void Change(ReadOnlySpan<int> slots);
    }

    private sealed class Numbers : Values
    {
        private readonly ValueTable<long> _table;

        public Numbers(KeyedState state)
        {
            var serializers = new SerializerRegistry();
            _table = new ValueTable<long>(StateSignature.Of<long>("sum", StateKind.Value, serializers), serializers.Get<long>());
            state.AddTable(_table);
        }

        public override void Change(ReadOnlySpan<int> slots)
        {
            foreach (int slot in slots)
                _table.Column.Ref(slot, out _)++;
        }
    }

    private sealed class Objects : Values
    {
        private readonly ValueTable<Totals> _table;

        public Objects(KeyedState state)
        {
            var serializers = new SerializerRegistry();
            _table = new ValueTable<Totals>(StateSignature.Of<Totals>("totals", StateKind.Value, serializers), serializers.Get<Totals>());
            state.AddTable(_table);
        }

        public override void Change(ReadOnlySpan<int> slots)
        {
            foreach (int slot in slots)
            {
                ref Totals totals = ref _table.Column.Ref(slot, out _);
                totals ??= new Totals();
                totals.Count++;
                totals.Sum += slot;
            }
        }
    }

    /// <summary>Each record sets its key's timer anew, and none fires.</summary>
    private sealed class Timers : Values
    {
        private readonly TimerTable _table = new();
        private long _time;

        public Timers(KeyedState state) => state.AddTable(_table);

        public override void Change(ReadOnlySpan<int> slots)
        {
            _time++;
            foreach (int slot in slots)
                _table.EventTime.Register(slot, _time);
        }
    }
}

/// <summary>State that user code changes in place.</summary>
public sealed class Totals
{
    public long Count { get; set; }

    public long Sum { get; set; }
}
