using System.Runtime.Versioning;

namespace StreamKit.EndToEnd.Tests;

/// <summary>Disks that are full and folders that cannot be written to: a clear error, and nothing lost once the obstacle is gone.</summary>
public class ObstacleTests
{
    private const int Failed = 1;
    private const string Nobody = "65534";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disk_ThatIsFull_FailsClearlyAndLosesNothing(bool isOutput)
    {
        using var sample = new Sample();
        using var disk = SmallDisk.Mount(Path.Combine(sample.Folder, "disk"));
        new FraudInput(seed: 31).Write(sample.Input, count: 15_000, cards: 20);
        var folder = Path.Combine(disk.Path, "used");
        if (isOutput)
            sample.Output = folder;
        else
            sample.Checkpoints = folder;
        disk.FillUpTo(remaining: 64 * 1024);

        var process = sample.Start("--rate", "10000", "--checkpoint-interval", "0.2");

        Assert.Equal(Failed, await process.ExitAsync());
        Assert.Contains(folder, process.Error, StringComparison.Ordinal);
        Assert.Matches("(?i)no (room|space)|disk.*full", process.Error);
        Assert.DoesNotContain("   at ", process.Error, StringComparison.Ordinal);
        disk.Empty();
        await sample.Start("--parallelism", "3").FinishAsync();
        Assert.Equal(FraudOracle.Alerts(sample.Input), sample.Alerts());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Folder_ThatIsAFile_IsNamedAndNothingIsLost(bool isOutput)
    {
        using var sample = new Sample();
        new FraudInput(seed: 32).Write(sample.Input, count: 5_000, cards: 20);
        var folder = isOutput ? sample.Output : sample.Checkpoints;
        await File.WriteAllTextAsync(folder, "not a folder");

        var process = sample.Start();

        Assert.Equal(Failed, await process.ExitAsync());
        Assert.Contains(folder, process.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", process.Error, StringComparison.Ordinal);
        Assert.Equal("not a folder", await File.ReadAllTextAsync(folder));
        File.Delete(folder);
        await sample.Start().FinishAsync();
        Assert.Equal(FraudOracle.Alerts(sample.Input), sample.Alerts());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [UnsupportedOSPlatform("windows")]
    public async Task Folder_ThatBelongsToAnotherUser_IsNamedAndNothingIsLost(bool isOutput)
    {
        using var sample = new Sample();
        new FraudInput(seed: 33).Write(sample.Input, count: 5_000, cards: 20);
        string[] asNobody = await CommandAsNobodyAsync(sample);
        const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        const UnixFileMode Everybody = ReadOnly | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;
        File.SetUnixFileMode(sample.Folder, ReadOnly);
        var (closed, open) = isOutput ? (sample.Output, sample.Checkpoints) : (sample.Checkpoints, sample.Output);
        File.SetUnixFileMode(Directory.CreateDirectory(closed).FullName, ReadOnly);
        File.SetUnixFileMode(Directory.CreateDirectory(open).FullName, Everybody);

        var process = sample.StartBy(asNobody);

        Assert.Equal(Failed, await process.ExitAsync());
        Assert.Contains(closed, process.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", process.Error, StringComparison.Ordinal);
        File.SetUnixFileMode(closed, Everybody);
        await sample.StartBy(asNobody).FinishAsync();
        Assert.Equal(FraudOracle.Alerts(sample.Input), sample.Alerts());
    }

    /// <summary>A command that runs its arguments as a user without rights; skips the test where that cannot be done.</summary>
    private static async Task<string[]> CommandAsNobodyAsync(Sample sample)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root on Linux can run the sample as another user.");
        Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "There is no /usr/bin/setpriv to run the sample as another user.");
        string[] command = ["/usr/bin/setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "env", $"HOME={sample.Folder}", "DOTNET_CLI_HOME="];
        var probe = sample.StartBy(command, "--help");
        Assert.SkipUnless(await probe.ExitAsync() == 0, "A user without rights cannot read this repository or .NET.");
        return command;
    }
}
