using StreamKit.Operators;
using StreamKit.Serialization;
using StreamKit.State;
using StreamKit.Tests.State.Segments;
using StreamKit.Tests.TestSupport;
using StreamKit.Windowing;

namespace StreamKit.Tests.Windowing;

/// <summary>What windows keep in checkpoints: files written by released versions are read for ever, and version 0 is written as it was.</summary>
public class WindowGoldenTests
{
    private const string Accumulators = "window-accumulators-v0.bin";
    private const string Elements = "window-elements-v0.bin";
    private const long Watermark = -1_000;
    private const long FirstOfKey7 = 1L << 31;

    private static readonly WindowSettings<long> s_settings = new(new WindowLayout(100, 30, -1));

    // The layout is part of the name: what slices mean depends on it.
    private static readonly StateDescriptor[] s_accumulatorState = [new(1, "$windows of 100 ms every 30 ms from 29 ms", StateKind.Window, TypeSchema.Scalar("int64"))];
    private static readonly StateDescriptor[] s_elementState =
    [
        new(1, "$windows of 100 ms every 30 ms from 29 ms", StateKind.Window, TypeSchema.SequenceOf(TypeSchema.Scalar("int64"))),
        new(2, "seen", StateKind.Value, TypeSchema.Scalar("int32")),
    ];

    [Fact]
    public async Task Write_Accumulators_GivesTheSameBytes()
    {
        await using var harness = Reduce();
        harness.Watermark(Watermark);
        harness.Send(Records());

        var cut = harness.Cut();

        Assert.Equal(s_accumulatorState, cut.Subtasks[0].Keyed!.States);
        Assert.Equal(GoldenFile.Read(Accumulators), await cut.WriteSegmentAsync());
    }

    [Fact]
    public async Task Read_AccumulatorsOfVersion0_FireTheirWindows()
    {
        await using var plain = Reduce();
        plain.Watermark(Watermark);
        plain.Send(Records());
        plain.Watermark(long.MaxValue);
        await using var restored = Reduce();

        await restored.RestoreAsync(GoldenFile.Read(Accumulators), s_accumulatorState, Watermark);
        restored.Watermark(long.MaxValue);

        Assert.Equal(plain.Output.Records.Order(), restored.Output.Records.Order());
        Assert.Contains(("7 in -91..9: 6442450947", 8L), restored.Output.Records);
    }

    [Fact]
    public async Task Write_Elements_GivesTheSameBytes()
    {
        await using var harness = Process();
        harness.Watermark(Watermark);
        harness.Send(Records());

        var cut = harness.Cut();

        Assert.Equal(s_elementState, cut.Subtasks[0].Keyed!.States);
        Assert.Equal(GoldenFile.Read(Elements), await cut.WriteSegmentAsync());
    }

    [Fact]
    public async Task Read_ElementsOfVersion0_FireTheirWindows()
    {
        await using var plain = Process();
        plain.Watermark(Watermark);
        plain.Send(Records());
        plain.Watermark(long.MaxValue);
        await using var restored = Process();

        await restored.RestoreAsync(GoldenFile.Read(Elements), s_elementState, Watermark);
        restored.Watermark(long.MaxValue);

        Assert.Equal(plain.Output.Records.Order(), restored.Output.Records.Order());
    }

    [Fact]
    public async Task Rows_OfAccumulators_AreKeyedByTheStartOfTheirSlice()
    {
        var rows = await SegmentFixture.ReadAsync(await SegmentFixture.OpenAsync(GoldenFile.Read(Accumulators)), new KeyGroupRange(0, 15));

        // The start, big-endian with the sign turned: -31 and -1, where windows start, -21 and 9, where they end. The value is the accumulator.
        var ofKey7 = rows.Where(static row => row.Key is [7]).Select(static row => $"{Convert.ToHexString(row.SubKey)} {Convert.ToHexString(row.Value!)}");
        Assert.Equal(["7FFFFFFFFFFFFFE1 CE80000000", "7FFFFFFFFFFFFFEB CE80000001", "7FFFFFFFFFFFFFFF CE80000002", "8000000000000009 CE80000003"], ofKey7);
    }

    /// <summary>Before and after 1970, in slices of both lengths, and one list of several rows.</summary>
    private static IEnumerable<(long Value, long Timestamp)> Records()
    {
        for (var i = 0; i < 4; i++)
            yield return (FirstOfKey7 + i, new long[] { -31, -21, -1, 9 }[i]);
        for (var i = 0; i < 40; i++)
            yield return (i * 1_000_003L * (i % 3 == 0 ? -1 : 1), (i * 7) - 100);
        for (var i = 0; i < 700; i++)
            yield return ((1L << 40) + (i * 5), 1_767_225_600_000);
    }

    private static long KeyOf(long value) => value is >= FirstOfKey7 and < FirstOfKey7 + 4 ? 7 : ((value % 5) + 5) % 5;

    private static OperatorHarness<long, long, string> Reduce() => new(
        static () => new WindowOperator<long, long, long, string, ReduceWindow<long, long, string>, SharedSite>(KeySelector<long, long>.Of(KeyOf), s_settings, new(static (sum, value) => sum + value, Describe)),
        KeyOf,
        new SerializerRegistry());

    private static OperatorHarness<long, long, string> Process() => new(
        static () => new WindowOperator<long, long, ListCell<long>, string, ProcessWindow<long, long, string>, SharedSite>(KeySelector<long, long>.Of(KeyOf), s_settings, new(static () => new Listing())),
        KeyOf,
        new SerializerRegistry());

    private static string Describe(long key, TimeWindow window, long sum) => $"{key} in {window.StartMilliseconds}..{window.EndMilliseconds}: {sum}";

    private sealed class Listing : ProcessWindowFunction<long, long, string>
    {
        private ValueState<int> _seen = null!; // set in Open

        public override void Open(OperatorContext context) => _seen = context.State.Value<int>("seen");

        public override void Process(long key, TimeWindow window, IReadOnlyList<long> elements, Context context) =>
            context.Collect($"{Describe(key, window, elements.Sum())} of {string.Join(' ', elements)}, window {++_seen.Value} of the key");
    }
}
