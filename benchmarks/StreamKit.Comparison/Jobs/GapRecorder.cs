using System.Diagnostics;
using System.Runtime.InteropServices;

namespace StreamKit.Comparison;

/// <summary>
/// Records how long each batch of results came after the one before it, in milliseconds: in processor time of the thread where that is known, so that other
/// processes do not count; in wall-clock time elsewhere and when the task has moved to another thread.
/// </summary>
internal sealed class GapRecorder
{
    private const int ThreadProcessorTime = 3;

    private readonly Lock _lock = new();
    private List<double> _gaps = [];
    private int _thread = -1;
    private double _processor;
    private long _wall;

    public void OnBatch()
    {
        var thread = Environment.CurrentManagedThreadId;
        var processor = ProcessorMilliseconds();
        var gap = thread == _thread && processor > 0 ? processor - _processor : Stopwatch.GetElapsedTime(_wall).TotalMilliseconds;
        if (_thread >= 0)
        {
            lock (_lock)
                _gaps.Add(gap);
        }

        _thread = thread;
        _wall = Stopwatch.GetTimestamp();
        _processor = ProcessorMilliseconds();
    }

    /// <summary>What was recorded since the last call.</summary>
    public List<double> Take()
    {
        lock (_lock)
        {
            var taken = _gaps;
            _gaps = [];
            return taken;
        }
    }

    private static double ProcessorMilliseconds() =>
        OperatingSystem.IsLinux() && GetTime(ThreadProcessorTime, out var time) == 0 ? (time.Seconds * 1e3) + (time.Nanoseconds / 1e6) : 0;

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
