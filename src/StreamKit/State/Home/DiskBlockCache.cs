using Microsoft.Extensions.Logging;

namespace StreamKit.State;

/// <summary>
/// Blocks of segments on local disk, so that they need not come from the store again, not even after a restart of the process. A log of
/// <see cref="DiskChunk"/> files: new blocks go to the end, and when there is no room the oldest chunk goes. Safe for concurrent use, and against a kill
/// at any moment: whoever reads a block verifies it, and what is not whole is read from the store again.
/// </summary>
/// <remarks>
/// A cache must not fail a job. What cannot be read is not there; when the disk takes no more, that is logged once and nothing is written any more.
/// </remarks>
internal sealed partial class DiskBlockCache : IDisposable
{
    // So that a chunk that goes is a small part of what there is.
    private const int Chunks = 16;
    private const long SmallestChunk = 64 * 1024;
    private const long LargestChunk = 64 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly CacheFolder _folder;
    private readonly long _capacity;
    private readonly long _chunkLength;
    private readonly ILogger _logger;
    private readonly Queue<DiskChunk> _chunks = [];
    private readonly Dictionary<BlockKey, Place> _places = [];
    private DiskChunk? _current;
    private long _size;
    private long _nextNumber;
    private bool _isClosed;

    private DiskBlockCache(CacheFolder folder, long capacity, ILogger logger)
    {
        _folder = folder;
        _capacity = capacity;
        _chunkLength = Math.Clamp(capacity / Chunks, SmallestChunk, LargestChunk);
        _logger = logger;
    }

    /// <summary>The bytes on disk.</summary>
    public long Size
    {
        get
        {
            lock (_lock)
            {
                return _size;
            }
        }
    }

    /// <summary>The number of blocks on disk.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _places.Count;
            }
        }
    }

    /// <summary>The folder that is this cache's alone.</summary>
    public string Folder => _folder.Path;

    /// <summary>Opens the cache of a job, with what the last process left in it.</summary>
    /// <param name="directory">Holds the caches of jobs, each in folders of its own.</param>
    /// <param name="jobId">The job. Two locations never mix their objects, even if one is a copy of the other, since a block's key has its segment's checksum.</param>
    /// <param name="capacity">The most bytes on disk.</param>
    /// <param name="logger">Told when the disk takes no more.</param>
    /// <exception cref="StreamKitException">The folder cannot be used.</exception>
    public static DiskBlockCache Open(string directory, Guid jobId, long capacity, ILogger logger)
    {
        var cache = new DiskBlockCache(CacheFolder.Take(directory, jobId), capacity, logger);
        try
        {
            cache.Load();
            return cache;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            cache.Dispose();
            throw CacheFolder.Unusable(directory, cause);
        }
    }

    /// <summary>Fills <paramref name="into"/> with a block; false when it is not there. The bytes are to be verified.</summary>
    public bool TryRead(BlockKey key, Span<byte> into)
    {
        Place place;
        lock (_lock)
        {
            if (!_places.TryGetValue(key, out place) || place.Length != into.Length)
            {
                return false;
            }
        }

        if (place.Chunk.TryRead(place.Offset, into))
        {
            return true;
        }

        Drop(key);
        return false;
    }

    /// <summary>Forgets a block that turned out to be damaged.</summary>
    public void Drop(BlockKey key)
    {
        lock (_lock)
        {
            _places.Remove(key);
        }
    }

    /// <summary>Takes a block in, unless it is there or larger than a chunk.</summary>
    public void Write(BlockKey key, ReadOnlySpan<byte> block)
    {
        try
        {
            if (Reserve(key, block.Length) is { } place)
            {
                // Outside the lock: a disk that has much to write makes its writers wait, which is no reason for readers to.
                place.Chunk.Write(key, place.Offset, block);
                Publish(key, place);
            }
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            GiveUpWriting(cause);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            foreach (DiskChunk chunk in _chunks)
            {
                chunk.Dispose();
            }

            _chunks.Clear();
            _places.Clear();
        }

        _folder.Dispose();
    }

    private void Load()
    {
        foreach (string file in _folder.Chunks())
        {
            DiskChunk chunk = DiskChunk.Load(file, (key, offset, length, owner) => _places[key] = new Place(owner, offset, length));
            _chunks.Enqueue(chunk);
            _size += chunk.Length;
            _nextNumber = Math.Max(_nextNumber, chunk.Number + 1);
        }

        MakeRoom(0);
    }

    private Place? Reserve(BlockKey key, int length)
    {
        long needed = DiskChunk.LengthOf(length);
        lock (_lock)
        {
            if (_isClosed || needed > _chunkLength || _places.ContainsKey(key))
            {
                return null;
            }

            MakeRoom(needed);
            if (_current is null || _current.Length + needed > _chunkLength)
            {
                _current = DiskChunk.Create(_folder.ChunkName(_nextNumber), _nextNumber);
                _nextNumber++;
                _chunks.Enqueue(_current);
            }

            _size += needed;
            return new Place(_current, _current.Reserve(needed), length);
        }
    }

    private void Publish(BlockKey key, Place place)
    {
        lock (_lock)
        {
            if (!place.Chunk.IsDeleted)
            {
                _places[key] = place;
            }
        }
    }

    private void MakeRoom(long needed)
    {
        while (_size + needed > _capacity && _chunks.TryDequeue(out DiskChunk? oldest))
        {
            _size -= oldest.Length;
            _current = _current == oldest ? null : _current;
            oldest.Delete();
            foreach ((BlockKey key, Place place) in _places)
            {
                if (place.Chunk == oldest)
                {
                    _places.Remove(key);
                }
            }
        }
    }

    private void GiveUpWriting(Exception cause)
    {
        bool isFirst;
        lock (_lock)
        {
            isFirst = !_isClosed;
            _isClosed = true;
        }

        if (isFirst)
        {
            LogFailed(_logger, Folder, cause);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The block cache in '{Folder}' takes no more, and blocks are read from the checkpoint store instead; free space there or give it another folder, and restart the job")]
    private static partial void LogFailed(ILogger logger, string folder, Exception cause);

    private readonly record struct Place(DiskChunk Chunk, long Offset, int Length);
}
