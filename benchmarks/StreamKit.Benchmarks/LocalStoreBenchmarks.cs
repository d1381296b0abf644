using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using FASTER.core;
using StreamKit.State.Faster;

namespace StreamKit.Benchmarks;

/// <summary>Rows of 100 bytes looked up at random: through a local store, 64 together, and in FASTER as it comes, with its own device, one by one.</summary>
[MemoryDiagnoser]
public class LocalStoreBenchmarks : IDisposable
{
    private const int Rows = 200_000;
    private const int BatchRows = 64;
    private const int Reads = 128 * BatchRows;

    // Rows take 25 MB: all of them in memory, or 1 MB of them.
    private const long MuchMemory = 128L << 20;
    private const long Disk = 256L << 20;

    private readonly RowReadBatch _batch = new();
    private readonly byte[] _key = new byte[8];
    private readonly byte[] _value = new byte[100];
    private readonly Random _random = new(1);
    private LocalTier _tier = null!; // made by the setup
    private LocalStore _store = null!; // made by the setup
    private IDevice _device = null!; // made by the setup
    private FasterKV<SpanByte, SpanByte> _faster = null!; // made by the setup
    private ClientSession<SpanByte, SpanByte, SpanByte, SpanByteAndMemory, Empty, SpanByteFunctions<Empty>> _session = null!; // made by the setup
    private string _folder = "";

    [Params(false, true)]
    public bool FromDisk { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _folder = Directory.CreateTempSubdirectory("streamkit-benchmark-").FullName;
        _tier = LocalTier.Open(new LocalStoreOptions
        {
            Directory = _folder,
            Stores = 1,
            Time = TimeProvider.System,
            MemoryBytes = FromDisk ? 0 : MuchMemory,
            DiskBytes = Disk,
            Schedule = work => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false),
        });
        _store = _tier.OpenStore("benchmark", homeHoldsRows: false);
        var sizes = LocalStoreSizes.Of(FromDisk ? 0 : MuchMemory, Disk, 1);
        _device = Devices.CreateLogDevice(Path.Combine(_folder, "faster"), deleteOnClose: true);
        _faster = new FasterKV<SpanByte, SpanByte>(new FasterKVSettings<SpanByte, SpanByte>
        {
            LogDevice = _device,
            IndexSize = 4 << 20,
            MemorySize = sizes.LogBytes,
            PageSize = sizes.PageBytes,
            SegmentSize = sizes.SegmentBytes,
            ConcurrencyControlMode = ConcurrencyControlMode.None,
        });
        _session = _faster.For(new SpanByteFunctions<Empty>()).NewSession<SpanByteFunctions<Empty>>();
        for (var i = 0; i < Rows; i++)
        {
            SetKey(i);
            _store.Upsert(_key, _value);
            UpsertDirectly();
            if (i % 1000 == 0)
                _store.GrowIndex();
        }
    }

    [Benchmark(OperationsPerInvoke = Reads)]
    public int StoreInBatches()
    {
        var bytes = 0;
        for (var read = 0; read < Reads; read += BatchRows)
        {
            _batch.Clear();
            for (var i = 0; i < BatchRows; i++)
            {
                SetKey(_random.Next(Rows));
                _batch.Add(_key);
            }

            _store.Read(_batch);
            for (var i = 0; i < BatchRows; i++)
                bytes += _batch.Value(i).Length;
        }

        return bytes;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Reads)]
    public int FasterOneByOne()
    {
        var bytes = 0;
        for (var read = 0; read < Reads; read++)
        {
            SetKey(_random.Next(Rows));
            bytes += ReadDirectly();
        }

        return bytes;
    }

    [Benchmark(OperationsPerInvoke = Reads)]
    public void StoreWritesTogether()
    {
        using var together = _store.WriteTogether();
        for (var write = 0; write < Reads; write++)
        {
            SetKey(_random.Next(Rows));
            try
            {
                _store.Upsert(_key, _value);
            }
            catch (LocalStoreFullException)
            {
                _store.Committed(_store.Cut());
            }
        }
    }

    [Benchmark(OperationsPerInvoke = Reads)]
    public void FasterWritesOneByOne()
    {
        for (var write = 0; write < Reads; write++)
        {
            SetKey(_random.Next(Rows));
            UpsertDirectly();
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _store.Dispose();
        _tier.Dispose();
        _session.Dispose();
        _faster.Dispose();
        _device.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void SetKey(int row) => BinaryPrimitives.WriteInt64LittleEndian(_key, row);

    private unsafe void UpsertDirectly()
    {
        fixed (byte* key = _key, value = _value)
        {
            var storedKey = SpanByte.FromPointer(key, _key.Length);
            var storedValue = SpanByte.FromPointer(value, _value.Length);
            _session.Upsert(ref storedKey, ref storedValue);
        }
    }

    private unsafe int ReadDirectly()
    {
        fixed (byte* start = _key)
        {
            var key = SpanByte.FromPointer(start, _key.Length);
            SpanByteAndMemory output = default;
            if (_session.Read(ref key, ref output).IsPending)
            {
                _session.CompletePendingWithOutputs(out var outputs, wait: true);
                outputs.Next();
                output = outputs.Current.Output;
                outputs.Dispose();
            }

            var length = output.Length;
            output.Memory?.Dispose();
            return length;
        }
    }
}
