using System.Diagnostics;
using System.Runtime.InteropServices;

namespace StreamKit.Benchmarks;

/// <summary>The processor time of the calling thread where it is known, so that other processes do not count; wall-clock time elsewhere.</summary>
internal static class ThreadClock
{
    private const int ThreadProcessorTime = 3;

    public static double Milliseconds => OperatingSystem.IsLinux() && GetTime(ThreadProcessorTime, out Time time) == 0
        ? (time.Seconds * 1e3) + (time.Nanoseconds / 1e6)
        : Stopwatch.GetTimestamp() * 1e3 / Stopwatch.Frequency;

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
