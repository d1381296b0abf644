using BenchmarkDotNet.Attributes;
using StreamKit.Serialization;

namespace StreamKit.Benchmarks;

/// <summary>A record of five fields, 41 bytes: written and read by the serializers made at run time and at compile time; and the stable hash of keys.</summary>
[MemoryDiagnoser]
public class SerializationBenchmarks : IDisposable
{
    private readonly PooledBufferWriter _buffer = new();
    private readonly Payment _payment = new(1_234_567_890, "card-00042", new DateTime(2024, 5, 1, 12, 30, 0, 500, DateTimeKind.Utc), 99.95, 70_000);
    private readonly Serializer<Payment> _runTime;
    private readonly Serializer<Payment> _generated;
    private readonly KeySerializer<(int, string)> _pairs;
    private readonly byte[] _bytes;

    public SerializationBenchmarks()
    {
        var registry = new SerializerRegistry();
        _runTime = new SerializerRegistry(static _ => null).Get<Payment>();
        _generated = registry.Get<Payment>();
        _pairs = registry.GetKey<(int, string)>();
        WriteRunTime();
        _bytes = _buffer.WrittenSpan.ToArray();
    }

    [Benchmark]
    public int WriteRunTime() => Write(_runTime);

    [Benchmark]
    public int WriteGenerated() => Write(_generated);

    [Benchmark]
    public Payment ReadRunTime() => Read(_runTime);

    [Benchmark]
    public Payment ReadGenerated() => Read(_generated);

    [Benchmark]
    public ulong HashOfLong() => KeyHash.Direct(_payment.Id);

    [Benchmark]
    public ulong HashOfString() => KeyHash.Direct(_payment.Card);

    [Benchmark]
    public ulong HashOfPair() => _pairs.Hash((_payment.Merchant, _payment.Card));

    public void Dispose()
    {
        _buffer.Dispose();
        GC.SuppressFinalize(this);
    }

    private int Write(Serializer<Payment> serializer)
    {
        _buffer.Clear();
        var writer = new MessagePackWriter(_buffer);
        serializer.Write(ref writer, _payment);
        writer.Flush();
        return _buffer.WrittenCount;
    }

    private Payment Read(Serializer<Payment> serializer)
    {
        var reader = new MessagePackReader(_bytes);
        return serializer.Read(ref reader);
    }

    [StreamType]
    public sealed record Payment(long Id, string Card, DateTime At, double Amount, int Merchant);
}
