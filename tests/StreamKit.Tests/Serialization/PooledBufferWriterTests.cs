using StreamKit.Serialization;

namespace StreamKit.Tests.Serialization;

public class PooledBufferWriterTests
{
    [Fact]
    public void Writer_AcrossManyPieces_KeepsEveryByteInOrder()
    {
        using var buffer = new PooledBufferWriter(1);

        var writer = new MessagePackWriter(buffer);
        for (var i = 0; i < 10_000; i++)
            writer.Write(i);
        writer.Flush();

        var reader = new MessagePackReader(buffer.WrittenSpan);
        for (var i = 0; i < 10_000; i++)
            Assert.Equal(i, reader.ReadInt32());
        Assert.Equal(0, reader.Remaining);
    }

    [Fact]
    public void Position_SetBack_DropsWhatCameAfter()
    {
        using var buffer = new PooledBufferWriter();
        buffer.Write([1, 2, 3]);

        buffer.Position = 1;
        buffer.Write([9]);

        Assert.Equal([1, 9], buffer.WrittenSpan.ToArray());
        Assert.Equal([1, 9], buffer.WrittenMemory.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Position = 3);
    }

    [Fact]
    public void Buffer_ClearedOrDisposed_IsEmptyAndUsable()
    {
        var buffer = new PooledBufferWriter();
        buffer.Write([1]);
        buffer.Clear();
        Assert.Equal(0, buffer.WrittenCount);

        buffer.Dispose();
        buffer.Dispose();
        buffer.Write([2]);

        Assert.Equal([2], buffer.WrittenSpan.ToArray());
        buffer.Dispose();
    }

    [Fact]
    public void Advance_BeyondTheBuffer_IsRefused()
    {
        using var buffer = new PooledBufferWriter(16);
        var free = buffer.GetSpan().Length;

        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(free + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(-1));
    }
}
