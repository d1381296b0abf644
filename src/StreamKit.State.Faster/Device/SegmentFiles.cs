using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace StreamKit.State.Faster;

/// <summary>Segments as files 'prefix.number'. Made when first written to; deleted, all of them, on disposal.</summary>
internal sealed class SegmentFiles(string prefix) : ISegmentFiles
{
    private readonly ConcurrentDictionary<int, SafeFileHandle> _handles = new();

    public int Read(int segment, Span<byte> into, long offset) =>
        _handles.TryGetValue(segment, out var handle) ? RandomAccess.Read(handle, into, offset) : 0;

    public void Write(int segment, ReadOnlySpan<byte> from, long offset)
    {
        if (!_handles.TryGetValue(segment, out var handle))
        {
            // Random access keeps the system from reading ahead: rows that are asked for together rarely lie together.
            handle = File.OpenHandle(PathOf(segment), FileMode.Create, FileAccess.ReadWrite, FileShare.Read, FileOptions.RandomAccess);
            _handles[segment] = handle;
        }

        RandomAccess.Write(handle, from, offset);
    }

    public void Delete(int segment)
    {
        if (_handles.TryRemove(segment, out var handle))
            handle.Dispose();
        File.Delete(PathOf(segment));
    }

    public void Dispose()
    {
        foreach (var segment in _handles.Keys)
            Delete(segment);
    }

    private string PathOf(int segment) => string.Create(null, $"{prefix}.{segment}");
}
