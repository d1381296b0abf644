using System.Collections.Concurrent;
using FASTER.core;

namespace StreamKit.State.Faster;

/// <summary>
/// Where FASTER puts its log. Reads are done at once, on the thread that asks: the store's owner. Writes are queued; whoever comes first does
/// them, lowest address first and one at a time: the executor, or the owner when FASTER would otherwise have to wait for one.
/// So the device has no thread of its own, and without an executor everything happens on the owner's.
/// </summary>
/// <remarks>
/// FASTER never hears of a failure, since it would take a failed read for an absent row and wait for ever for a failed write. What fails is tried
/// again; what goes on failing poisons the store, whose owner tests that mark after each call. A full disk poisons nothing:
/// its write stays in the queue.
/// </remarks>
internal sealed unsafe class StorageDevice : StorageDeviceBase, IThreadPoolWorkItem
{
    // FASTER reads and writes in multiples of this. Records are mostly smaller, and whatever is read is copied: so as small as FASTER takes it.
    private const uint Sector = 512;

    private readonly ISegmentFiles _files;
    private readonly DeviceRetries _retries;
    private readonly StoreFailure _failure;
    private readonly Action<IThreadPoolWorkItem>? _schedule;

    private readonly Lock _writing = new();
    private readonly Lock _queueing = new();
    private readonly PriorityQueue<DeviceWrite, long> _writes = new();
    private readonly ConcurrentDictionary<int, long> _lengths = new();
    private readonly Queue<DeviceRead> _reads = new();
    private long _writeAtHand = long.MaxValue;
    private bool _reading;
    private bool _closed;
    private int _scheduled;

    public StorageDevice(string name, ISegmentFiles files, DeviceRetries retries, StoreFailure failure, Action<IThreadPoolWorkItem>? schedule)
        : base(name, Sector, Devices.CAPACITY_UNSPECIFIED)
    {
        _files = files;
        _retries = retries;
        _failure = failure;
        _schedule = schedule;
    }

    /// <summary>The address of the first byte that has not been given back.</summary>
    public long FirstAddress => startSegment * segmentSize;

    /// <summary>Below this address nothing waits to be written. Called by the owner.</summary>
    public long WrittenBelow
    {
        get
        {
            lock (_queueing)
                return Math.Min(_writeAtHand, _writes.TryPeek(out _, out var lowest) ? lowest : long.MaxValue);
        }
    }

    public override void ReadAsync(int segmentId, ulong sourceAddress, IntPtr destinationAddress, uint readLength, DeviceIOCompletionCallback callback, object context)
    {
        var read = new DeviceRead(segmentId, (long)sourceAddress, destinationAddress, (int)readLength, callback, context);
        if (_reading)
        {
            // FASTER follows a chain of records from within the callback: doing that read here would nest one call per record of the chain.
            _reads.Enqueue(read);
            return;
        }

        _reading = true;
        try
        {
            do
            {
                Fill(read);
                read.Callback(0, (uint)read.Length, read.Context);
            }
            while (_reads.TryDequeue(out read));
        }
        finally
        {
            _reading = false;
        }
    }

    public override void WriteAsync(IntPtr sourceAddress, int segmentId, ulong destinationAddress, uint numBytesToWrite, DeviceIOCompletionCallback callback, object context)
    {
        var write = new DeviceWrite(segmentId, (long)destinationAddress, sourceAddress, (int)numBytesToWrite, callback, context);
        Enqueue(write);
        if (_schedule is not null && Interlocked.Exchange(ref _scheduled, 1) == 0)
            _schedule(this);
    }

    /// <summary>Writes whatever is queued below an address. Called by the owner.</summary>
    public WriteProgress WriteBelow(long address)
    {
        // A slow write of the executor's is waited for only if it is one of these.
        for (var attempt = 1; WrittenBelow < address;)
        {
            switch (TryWriteNext(address))
            {
                case WriteProgress.Stopped:
                    return WriteProgress.Stopped;
                case WriteProgress.DiskFull when !_retries.WaitAfter(attempt++):
                    return WriteProgress.DiskFull;
            }
        }

        return WriteProgress.Done;
    }

    /// <summary>Writes what is queued, for the executor. After a full disk the rest waits for the owner or the next write.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Exchange(ref _scheduled, 0);
        while (TryWriteNext(long.MaxValue) is WriteProgress.Done)
        {
        }
    }

    /// <summary>Deletes the segments that lie wholly below an address. Called by the owner, when nobody can read or write there any more.</summary>
    public void DeleteBelow(long address)
    {
        for (; (startSegment + 1) * segmentSize <= address; startSegment++)
        {
            var segment = startSegment;
            if (!Try(() => _files.Delete(segment)))
                return;
            _lengths.TryRemove(segment, out _);
        }
    }

    public override void RemoveSegmentAsync(int segment, AsyncCallback callback, IAsyncResult result)
    {
        Try(() => _files.Delete(segment));
        callback(result);
    }

    /// <summary>Waits for the write at hand, forgets the others, and deletes the files.</summary>
    public override void Dispose()
    {
        lock (_writing)
        {
            _closed = true;
            lock (_queueing)
                _writes.Clear();
        }

        _files.Dispose();
    }

    private void Enqueue(DeviceWrite write)
    {
        lock (_queueing)
            _writes.Enqueue(write, write.Segment * segmentSize + write.Offset);
    }

    private WriteProgress? TryWriteNext(long below)
    {
        lock (_writing)
        {
            if (_closed || _failure.IsPoisoned)
                return WriteProgress.Stopped;

            DeviceWrite write;
            lock (_queueing)
            {
                if (!_writes.TryPeek(out write, out var address) || address >= below)
                    return null;
                _writes.Dequeue();
                _writeAtHand = address;
            }

            var progress = Write(write);
            lock (_queueing)
            {
                // FASTER hands out the rest of a page when its beginning is on disk: that has been queued by now.
                _writeAtHand = long.MaxValue;
            }

            return progress;
        }
    }

    private WriteProgress Write(in DeviceWrite write)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                _files.Write(write.Segment, new ReadOnlySpan<byte>((void*)write.Source, write.Length), write.Offset);
                _lengths[write.Segment] = Math.Max(_lengths.GetValueOrDefault(write.Segment), write.Offset + write.Length);
                // FASTER learns that its page is on disk, and may queue the next part of it.
                write.Callback(0, (uint)write.Length, write.Context);
                return WriteProgress.Done;
            }
            catch (IOException error) when (DiskErrors.IsDiskFull(error))
            {
                Enqueue(write);
                return WriteProgress.DiskFull;
            }
            catch (Exception error) when (error is not IOException || !_retries.WaitAfter(attempt))
            {
                _failure.Poison(error);
                return WriteProgress.Stopped;
            }
            catch (IOException)
            {
                // Waited: once more.
            }
        }
    }

    private void Fill(in DeviceRead read)
    {
        var into = new Span<byte>((void*)read.Destination, read.Length);
        var written = _lengths.GetValueOrDefault(read.Segment) - read.Offset;
        var expected = (int)Math.Clamp(written, 0, read.Length);
        if (!_failure.IsPoisoned && TryRead(read.Segment, into[..expected], read.Offset))
        {
            // FASTER guesses how long a record is, and may ask for more than there is.
            into[expected..].Clear();
            return;
        }

        // A record of zeros has an empty key, which nobody looks up, and no predecessor: FASTER ends its search here, and the mark says why.
        into.Clear();
    }

    private bool TryRead(int segment, Span<byte> into, long offset)
    {
        for (var attempt = 1; ;)
        {
            try
            {
                var count = _files.Read(segment, into, offset);
                into = into[count..];
                offset += count;
                if (into.IsEmpty)
                    return true;
                if (count == 0)
                    throw new EndOfStreamException($"Segment {segment} of '{FileName}' ends at {offset}, though {into.Length} more bytes were written.");
            }
            catch (Exception error) when (error is not IOException || !_retries.WaitAfter(attempt++))
            {
                _failure.Poison(error);
                return false;
            }
            catch (IOException)
            {
                // Waited: once more.
            }
        }
    }

    private bool Try(Action operation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                operation();
                return true;
            }
            catch (Exception error) when (error is not IOException || !_retries.WaitAfter(attempt))
            {
                _failure.Poison(error);
                return false;
            }
            catch (IOException)
            {
                // Waited: once more.
            }
        }
    }

    private readonly record struct DeviceRead(int Segment, long Offset, IntPtr Destination, int Length, DeviceIOCompletionCallback Callback, object Context);

    private readonly record struct DeviceWrite(int Segment, long Offset, IntPtr Source, int Length, DeviceIOCompletionCallback Callback, object Context);
}
