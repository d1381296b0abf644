using System.Threading.Channels;
using StreamKit.Elements;

namespace StreamKit.Runtime;

/// <summary>
/// The way from one producing to one consuming subtask: a bounded channel of batches. Nobody waits on it: a write wakes the consumer's task,
/// and a read wakes the producer's task if that found the channel full.
/// </summary>
internal sealed class InputChannel<T>
{
    /// <summary>Batches on the way. Enough to keep both sides busy while one of them is scheduled; each costs memory and time to a barrier.</summary>
    private const int Capacity = 8;

    private readonly Channel<Batch<T>> _channel = Channel.CreateBounded<Batch<T>>(new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });
    private readonly Action _wakeProducer;
    private readonly Action _wakeConsumer;
    private int _producerWaits;

    public InputChannel(Action wakeProducer, Action wakeConsumer)
    {
        _wakeProducer = wakeProducer;
        _wakeConsumer = wakeConsumer;
    }

    /// <summary>Hands a batch over. When there is no room the producer keeps it, and is woken once there is.</summary>
    public bool TryWrite(Batch<T> batch)
    {
        if (!_channel.Writer.TryWrite(batch))
        {
            // Say that we wait before looking again: a read in between either makes room for the second try or sees the mark.
            Interlocked.Exchange(ref _producerWaits, 1);
            if (!_channel.Writer.TryWrite(batch))
                return false;
        }

        _wakeConsumer();
        return true;
    }

    public bool TryRead(out Batch<T> batch)
    {
        if (!_channel.Reader.TryRead(out batch!))
            return false;
        if (Volatile.Read(ref _producerWaits) != 0 && Interlocked.Exchange(ref _producerWaits, 0) != 0)
            _wakeProducer();
        return true;
    }
}
