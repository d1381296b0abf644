using System.Buffers.Binary;
using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;
using StreamKit.State;

namespace StreamKit.Benchmarks;

/// <summary>Rows of 8-byte keys and values written to a segment in memory, and read back block by block, checksums included.</summary>
[MemoryDiagnoser]
public class SegmentBenchmarks
{
    private const int Rows = 1_000_000;
    private const int RowsPerKeyGroup = Rows / 128;

    private readonly PipeOptions _options = new(useSynchronizationContext: false);
    private byte[] _bytes = [];

    [GlobalSetup]
    public void Setup() => _bytes = WriteToMemoryAsync().GetAwaiter().GetResult(); // not every toolchain awaits a setup

    [Benchmark(OperationsPerInvoke = Rows)]
    public async Task<long> Write()
    {
        var pipe = new Pipe(_options);
        var reading = pipe.Reader.CopyToAsync(Stream.Null);
        var length = await WriteAsync(pipe.Writer);
        await reading;
        return length;
    }

    [Benchmark(OperationsPerInvoke = Rows)]
    public async Task<long> Read()
    {
        var reader = await SegmentReader.OpenAsync(new MemorySegmentSource("benchmark", _bytes), null, default);
        var sum = 0L;
        for (var i = 0; i < reader.Blocks; i++)
        {
            using var block = await reader.ReadBlockAsync(i, default);
            sum += Sum(block);
        }

        return sum;
    }

    private async Task<byte[]> WriteToMemoryAsync()
    {
        var pipe = new Pipe(_options);
        var written = new MemoryStream();
        var reading = pipe.Reader.CopyToAsync(written);
        await WriteAsync(pipe.Writer);
        await reading;
        return written.ToArray();
    }

    private static async Task<long> WriteAsync(PipeWriter output)
    {
        using var writer = new SegmentWriter(output, 0);
        var key = new byte[8];
        for (var i = 0; i < Rows; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(key, i);
            writer.Add(Math.Min(127, i / RowsPerKeyGroup), 1, key, default, key);
            await writer.FlushIfNeededAsync(default);
        }

        var info = await writer.CompleteAsync(default);
        await output.CompleteAsync();
        return info.Length;
    }

    private static long Sum(SegmentBlock block)
    {
        var sum = 0L;
        foreach (var row in block.Rows(new KeyGroupRange(0, 127)))
            sum += row.Value[7];
        return sum;
    }
}
