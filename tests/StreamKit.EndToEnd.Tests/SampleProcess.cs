using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace StreamKit.EndToEnd.Tests;

/// <summary>One process of the sample, its output gathered.</summary>
internal sealed partial class SampleProcess : IDisposable
{
    /// <summary>Nothing here takes longer, even on a busy machine.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private const int SignalInterrupt = 2;
    private const int SignalTerminate = 15;
    private static readonly (int Stop, int Continue) _jobControl = OperatingSystem.IsMacOS() ? (17, 19) : (19, 18);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private SampleProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(_error, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    public string Output => Read(_output);

    public string Error => Read(_error);

    public static SampleProcess Start(string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_TieredPGO"] = "0"; // dozens of short lives: instrumented code would only slow them
        return new SampleProcess(Process.Start(start)!); // a new process is started, never an existing one reused
    }

    /// <summary>Waits for the end and gives the exit code.</summary>
    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The process did not end within {Limit}: {this}");
        }

        return _process.ExitCode;
    }

    /// <summary>Waits for the end, which must be a good one.</summary>
    public async Task FinishAsync()
    {
        var code = await ExitAsync();
        Assert.True(code == 0, $"Exit code {code}, expected 0: {this}");
    }

    /// <summary>kill -9, and waits until the process is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Interrupt() => Signal(SignalInterrupt);

    public void Terminate() => Signal(SignalTerminate);

    /// <summary>Freezes the process, as a long pause of its machine would.</summary>
    public void Freeze() => Signal(_jobControl.Stop);

    public void Thaw() => Signal(_jobControl.Continue);

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    public override string ToString() => $"process {_process.Id}\n{Output}{Error}";

    private void Signal(int signal) => Assert.True(Kill(_process.Id, signal) == 0, $"Signal {signal} could not be sent to process {_process.Id}.");

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null)
            return;
        lock (text)
            text.AppendLine(line);
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
