using System.IO.Pipelines;
using StreamKit.Operators;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Tests.State;

public class KeyedStateSegmentTests
{
    private const int Keys = 20_000;

    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Segment_WrittenByACut_RestoresAtAnyParallelism(int parallelism)
    {
        (KeyedState<long> state, ValueTable<long> _) = Filled();
        using KeyedStateCut cut = state.Cut();
        Assert.True(cut.Advance(int.MaxValue));
        (SegmentInfo info, byte[] bytes) = await WriteAsync(cut);

        Assert.Equal(Keys, info.Rows);
        Assert.Equal(new TestKeys<long>(new LongSerializer()).Schema.Fingerprint, info.KeyFingerprint);
        SegmentReader segment = await SegmentReader.OpenAsync(new MemorySegmentSource("segment", bytes), info.Checksum, None);
        int found = 0;
        for (int subtask = 0; subtask < parallelism; subtask++)
        {
            (KeyedState<long> restored, ValueTable<long> total) = New(KeyGroups.RangeOf(subtask, parallelism, 128));
            using var rows = new SegmentMerge([(segment, restored.Range)], keepsTombstones: false);
            while (await rows.MoveNextAsync(None))
                Load(restored, rows.Current);
            foreach (int slot in total.Column.Slots)
                Assert.Equal(restored.KeyOf(slot) * 3, total.Column.Known(slot));
            found += restored.LiveKeys;
        }

        Assert.Equal(Keys, found);
    }

    /// <summary>More pages than one batch tells how a cut ended: some know it and others do not when their values are changed, deleted and made anew.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Cuts_OfManyPages_AreSettledBetweenBatches(int seed)
    {
        const int all = 200_000;
        var random = new Random(seed);
        (KeyedState<long> state, ValueTable<long> total) = New(new KeyGroupRange(0, 127));
        state.AddTable(new TimerTable());
        Dictionary<long, long> expected = [];
        Dictionary<long, long> segments = [];
        Change(Enumerable.Range(0, all));
        int stored = 0;
        int settledLate = 0;
        for (int i = 0; i < 40; i++)
        {
            KeyedStateCut cut = state.Cut();
            Dictionary<long, long> before = new(expected);
            Change(Touched());
            Assert.True(cut.Advance(int.MaxValue));
            Change(Touched());
            (SegmentInfo info, byte[] bytes) = await WriteAsync(cut);
            if (i == 0 || random.Next(3) > 0)
            {
                cut.Complete();
                stored++;
                await ApplyAsync(info, bytes);
                Assert.True(before.Count == segments.Count && !before.Except(segments).Any(), $"seed {seed}, cut {i}");
            }

            cut.Dispose();
            settledLate += cut.IsSettled ? 0 : 1;
            for (int batches = random.Next(4); batches > 0; batches--)
                Change(Touched());
        }

        Assert.InRange(stored, 10, 39);
        Assert.Equal(40, settledLate);

        IEnumerable<int> Touched() => [.. Enumerable.Range(0, 50).Select(_ => random.Next(400) * (all / 400)).Distinct()];

        void Change(IEnumerable<int> changed)
        {
            long[] keys = [.. changed.Select(i => (long)i)];
            int[] slots = new int[keys.Length];
            state.Resolve(keys, slots);
            for (int i = 0; i < keys.Length; i++)
            {
                if (keys.Length < all && random.Next(3) == 0)
                {
                    total.Column.Clear(slots[i]);
                    expected.Remove(keys[i]);
                    continue;
                }

                total.Column.Set(slots[i], expected[keys[i]] = random.Next());
            }

            state.EndBatch();
        }

        async Task ApplyAsync(SegmentInfo info, byte[] bytes)
        {
            SegmentReader segment = await SegmentReader.OpenAsync(new MemorySegmentSource("segment", bytes), info.Checksum, None);
            using var rows = new SegmentMerge([(segment, state.Range)], keepsTombstones: true);
            while (await rows.MoveNextAsync(None))
            {
                long key = new TestKeys<long>(new LongSerializer()).Read(rows.Current.Key);
                if (rows.Current.IsTombstone)
                    segments.Remove(key);
                else
                    segments[key] = ReadNumber(rows.Current.Value);
            }
        }
    }

    [Fact]
    public async Task Cut_Cancelled_StopsAndIsFinished()
    {
        (KeyedState<long> state, ValueTable<long> _) = Filled();
        KeyedStateCut cut = state.Cut();
        Assert.True(cut.Advance(int.MaxValue));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await cut.WriteAsync(new Pipe().Writer, cancelled.Token));

        Assert.True(cut.IsFinished);
        state.Cut().Dispose();
    }

    [Fact]
    public async Task Cut_WrittenTwice_IsRefused()
    {
        (KeyedState<long> state, ValueTable<long> _) = Filled();
        KeyedStateCut cut = state.Cut();
        Assert.True(cut.Advance(int.MaxValue));
        await WriteAsync(cut);

        var error = await Assert.ThrowsAsync<StreamKitException>(() => WriteAsync(cut));

        Assert.Contains("written once", error.Message);
    }

    [Fact]
    public async Task Cut_NotAdvanced_IsNotWritten()
    {
        KeyedState<long> state = TestKeys.NewState();
        var table = new ValueTable<Box>(new StateSignature("box", StateKind.Value, TypeSchema.Custom("box")), new BoxSerializer());
        state.AddTable(table);
        int[] slots = new int[1];
        state.Resolve([7], slots);
        table.Column.Set(slots[0], new Box());
        using KeyedStateCut cut = state.Cut();

        var error = await Assert.ThrowsAsync<StreamKitException>(() => WriteAsync(cut));

        Assert.Contains("call 'Advance'", error.Message);
        Assert.True(cut.Advance(int.MaxValue));
        Assert.Equal(1, (await WriteAsync(cut)).Info.Rows);
    }

    [Fact]
    public void Cut_OfAValueThatCannotBeWritten_NamesTheState()
    {
        KeyedState<long> state = TestKeys.NewState();
        var table = new ValueTable<Box>(new StateSignature("box", StateKind.Value, TypeSchema.Custom("box")), new BoxSerializer());
        state.AddTable(table);
        int[] slots = new int[1];
        state.Resolve([7], slots);
        table.Column.Set(slots[0], new Box { Content = BoxSerializer.Broken });
        using KeyedStateCut cut = state.Cut();

        var error = Assert.Throws<StreamKitException>(() => cut.Advance(10));

        Assert.Contains("'box'", error.Message);
        Assert.Contains("broken box", error.Message);
    }

    private static (KeyedState<long> State, ValueTable<long> Total) New(KeyGroupRange range)
    {
        var state = new KeyedState<long>(range, 128, new TestKeys<long>(new LongSerializer()));
        var total = new ValueTable<long>(new StateSignature("total", StateKind.Value, TypeSchema.Scalar("int64")), new LongSerializer());
        state.AddTable(total);
        return (state, total);
    }

    private static (KeyedState<long> State, ValueTable<long> Total) Filled()
    {
        (KeyedState<long> state, ValueTable<long> total) = New(new KeyGroupRange(0, 127));
        long[] keys = [.. Enumerable.Range(0, Keys).Select(i => i * 1_000_003L)];
        int[] slots = new int[Keys];
        state.Resolve(keys, slots);
        for (int i = 0; i < Keys; i++)
            total.Column.Set(slots[i], keys[i] * 3);
        return (state, total);
    }

    private static void Load(KeyedState state, SegmentRow row) => state.Load(row.KeyGroup, row.StateId, row.Key, row.SubKey, row.Value);

    private static long ReadNumber(ReadOnlySpan<byte> value)
    {
        var reader = new MessagePackReader(value);
        return reader.ReadInt64();
    }

    private static async Task<(SegmentInfo Info, byte[] Bytes)> WriteAsync(KeyedStateCut cut)
    {
        using var bytes = new MemoryStream();
        PipeWriter output = PipeWriter.Create(bytes, new StreamPipeWriterOptions(leaveOpen: true));
        SegmentInfo info = await cut.WriteAsync(output, None);
        await output.CompleteAsync();
        return (info, bytes.ToArray());
    }
}
