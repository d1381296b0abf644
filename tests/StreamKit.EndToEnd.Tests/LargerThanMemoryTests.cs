namespace StreamKit.EndToEnd.Tests;

/// <summary>The sample whose state is larger than its memory, killed and started again.</summary>
public sealed class LargerThanMemoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streamkit-larger-").FullName;
    private readonly List<SampleProcess> _processes = [];

    [Fact]
    public async Task Sample_Killed_GoesOnAndSaysHowSoon()
    {
        var first = Start();
        await UntilAsync(first, static text => text.Split("checkpoint ").Length > 2);
        await first.KillAsync();
        Assert.DoesNotContain("Going on", first.Output, StringComparison.Ordinal);

        var second = Start();
        await UntilAsync(second, static text => text.Contains("first reading", StringComparison.Ordinal) && text.Contains("checkpoint ", StringComparison.Ordinal));
        second.Interrupt();
        await second.FinishAsync();

        Assert.Contains("Going on with", second.Output, StringComparison.Ordinal);
        Assert.Equal("", first.Error + second.Error);
    }

    public void Dispose()
    {
        _processes.ForEach(static process => process.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    private SampleProcess Start()
    {
        var process = SampleProcess.Start(["dotnet", "exec", Sample.FindAssembly("LargerThanMemory"), "--folder", _folder, "--state", "60", "--budget", "16"]);
        _processes.Add(process);
        return process;
    }

    private static async Task UntilAsync(SampleProcess process, Func<string, bool> isSeen)
    {
        using var limit = new CancellationTokenSource(SampleProcess.Limit);
        while (!isSeen(process.Output))
        {
            Assert.False(process.HasExited, process.ToString());
            await Task.Delay(100, limit.Token);
        }
    }
}
