using System.Runtime.CompilerServices;
using FASTER.core;

namespace StreamKit.Comparison;

/// <summary>
/// The running sums of W3 where the state is ten times the memory it may use: keys uniform, and by Zipf's law with exponent 0.99. The plain loop keeps all of it in
/// a dictionary; FASTER, used directly, has the memory that StreamKit has.
/// </summary>
internal static class LargerStates
{
    private const long Keys = 1_500_000;
    private const long EventCount = 2_000_000;

    // What a key and its sum take in StreamKit: 38 bytes.
    private const long StateBytes = Keys * 38;
    private const long Memory = StateBytes / 10;

    public static IEnumerable<Workload> All { get; } =
    [
        Create<KeyedValues>("larger-uniform", new KeyedValues(Keys)),
        Create<ZipfValues>("larger-zipf", new ZipfValues(Keys)),
    ];

    private static Workload Create<TGenerator>(string name, TGenerator values)
        where TGenerator : struct, IGenerator<KeyedValue> => new(name, EventCount,
    [
        Implementation.Plain(count => RunningSums.RunPlain(values, count)),
        StreamKitJob.Implementation<KeyedValue, TGenerator>("streamkit-in-memory", values, Sums),
        StreamKitJob.Implementation<KeyedValue, TGenerator>("streamkit-tenth", values, Sums, configure: static (builder, folder) => builder.UseFasterState(options =>
        {
            options.Directory = Path.Combine(folder, "state");
            options.MemoryBudget = Memory;
        })),
        Implementation.Synchronous("faster-tenth", count => RunFaster(values, count)),
    ], MostRounds: 2);

    private static PipelineEnd Sums(DataStream<KeyedValue> stream) =>
        stream.KeyBy(static x => x.Key).Scan("running-sum", static () => 0L, static (sum, x) => sum + x.Value).Sum<long, Identity>();

    /// <summary>One update after the other, since each result is wanted; reads from disk are waited for.</summary>
    private static Outcome RunFaster<TGenerator>(TGenerator values, long events)
        where TGenerator : struct, IGenerator<KeyedValue>
    {
        var folder = Directory.CreateTempSubdirectory("streamkit-comparison-");
        try
        {
            using var device = Devices.CreateLogDevice(Path.Combine(folder.FullName, "log"), deleteOnClose: true);
            using var store = new FasterKV<long, long>(new FasterKVSettings<long, long>
            {
                LogDevice = device,
                IndexSize = 1 << 20,
                MemorySize = 2 << 20,
                PageSize = 128 << 10,
                ConcurrencyControlMode = ConcurrencyControlMode.None,
            });
            using var session = store.For(new Sum()).NewSession<Sum>();
            return PlainLoop.Run(events, (from, to) =>
            {
                var total = 0L;
                for (var i = from; i < to; i++)
                {
                    var value = values.Make(i);
                    var (key, input, output) = (value.Key, value.Value, 0L);
                    if (session.RMW(ref key, ref input, ref output).IsPending)
                    {
                        session.CompletePendingWithOutputs(out var completed, wait: true);
                        completed.Next();
                        output = completed.Current.Output;
                        completed.Dispose();
                    }

                    total += output;
                }

                return new Outcome(to - from, total);
            });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private sealed class Sum : FunctionsBase<long, long, long, long, Empty>
    {
        public override bool InitialUpdater(ref long key, ref long input, ref long value, ref long output, ref RMWInfo info)
        {
            output = value = input;
            return true;
        }

        public override bool InPlaceUpdater(ref long key, ref long input, ref long value, ref long output, ref RMWInfo info)
        {
            output = value += input;
            return true;
        }

        public override bool CopyUpdater(ref long key, ref long input, ref long oldValue, ref long newValue, ref long output, ref RMWInfo info)
        {
            output = newValue = oldValue + input;
            return true;
        }
    }
}

/// <summary>Keys by Zipf's law with exponent 0.99, by the approximation of Gray et al., "Quickly generating billion-record synthetic databases", 1994; scattered over all keys.</summary>
internal readonly struct ZipfValues : IGenerator<KeyedValue>
{
    private const double Exponent = 0.99;

    private readonly long _keys;
    private readonly double _zeta;
    private readonly double _alpha;
    private readonly double _eta;

    public ZipfValues(long keys)
    {
        _keys = keys;
        var zeta = 0.0;
        for (var i = 1L; i <= keys; i++)
            zeta += Math.Pow(i, -Exponent);
        _zeta = zeta;
        _alpha = 1 / (1 - Exponent);
        _eta = (1 - Math.Pow(2.0 / keys, 1 - Exponent)) / (1 - ((1 + Math.Pow(2, -Exponent)) / zeta));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public KeyedValue Make(long index)
    {
        var uniform = (Events.Mix(index) >> 11) * (1.0 / (1UL << 53));
        var scaled = uniform * _zeta;
        var rank = scaled < 1 ? 0 : scaled < 1 + Math.Pow(0.5, Exponent) ? 1 : (long)(_keys * Math.Pow((_eta * uniform) - _eta + 1, _alpha));
        return new KeyedValue(Events.Key(rank, _keys), index & 1023);
    }
}
