using System.Diagnostics;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Connectors;

public class FileSinkErrorTests
{
    [Fact]
    public async Task Folder_ThatIsAFile_IsToldByValidateAndByTheWriter()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["out"], "");
        Sink<int> sink = FileSink.JsonLines<int>(folder["out"], o => o.BufferSize = 1);
        var harness = new SinkHarness<int>(sink);
        await harness.StartAsync();

        StreamKitException e = await Assert.ThrowsAsync<StreamKitException>(() => harness.WriteAsync(1));

        Assert.Contains($"'{folder["out"]}' is a file", Assert.Single(sink.Validate(new SerializerRegistry(), true)), StringComparison.Ordinal);
        Assert.Contains($"'{folder["out"]}'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_NotWritable_FailsAndNothingIsLost()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["out"]);
        var harness = new SinkHarness<int>(FileSink.JsonLines<int>(folder["out"], o => o.BufferSize = 1));
        await harness.StartAsync();
        if (!Run("chattr", "+i", folder["out"]))
            Assert.Skip("needs chattr +i, thus root and a file system that has it");
        try
        {
            StreamKitException e = await Assert.ThrowsAsync<StreamKitException>(() => harness.WriteAsync(1, 2));
            StreamKitException again = await Assert.ThrowsAsync<StreamKitException>(harness.PrepareAsync);

            Assert.Contains($"'{folder["out"]}'", e.Message, StringComparison.Ordinal);
            Assert.Contains("nothing is lost", e.Message, StringComparison.Ordinal);
            Assert.Same(e, again.InnerException);
        }
        finally
        {
            Run("chattr", "-i", folder["out"]);
        }

        await RecoverAsync(harness, folder["out"], 2);
    }

    [Fact]
    public async Task Disk_Full_FailsAndNothingIsLost()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["disk"]);
        if (!Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder["disk"]))
            Assert.Skip("needs to mount a tmpfs, thus root");
        try
        {
            var harness = new SinkHarness<int>(FileSink.JsonLines<int>(folder["disk", "out"], o => o.BufferSize = 1000));
            await harness.StartAsync();
            await harness.WriteAsync(Enumerable.Range(0, 100));
            await harness.CheckpointAsync();
            await File.WriteAllBytesAsync(folder["disk", "filler"], new byte[56 * 1024]);

            StreamKitException e = await Assert.ThrowsAsync<StreamKitException>(() => harness.WriteAsync(Enumerable.Range(100, 20_000)));
            await Assert.ThrowsAsync<StreamKitException>(harness.PrepareAsync);
            await harness.Writer.DisposeAsync();
            File.Delete(folder["disk", "filler"]);

            Assert.Contains($"There is no room to write to '{folder["disk", "out"]}'", e.Message, StringComparison.Ordinal);
            Assert.Contains("No space left on device", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Directory.GetFiles(folder["disk", "out"]), name => Path.GetFileName(name).StartsWith('.'));
            await harness.StartAsync();
            await harness.WriteAsync(Enumerable.Range(100, 1000));
            await harness.CheckpointAsync();
            Assert.Equal(Enumerable.Range(0, 1100), (await FileSource.JsonLines<int>(folder["disk", "out"]).ReadAllAsync()).Order());
        }
        finally
        {
            Run("umount", folder["disk"]);
        }
    }

    [Theory]
    [InlineData(typeof(string), "no public properties")]
    [InlineData(typeof(Nested), "'Inner' is a 'System.Object'")]
    public void Validate_TypeThatIsNoCsvRow_SaysWhy(Type type, string expected)
    {
        object sink = typeof(FileSink).GetMethod(nameof(FileSink.Csv))!.MakeGenericMethod(type).Invoke(null, ["/nowhere", null])!;
        var problems = (IEnumerable<string>)sink.GetType().GetMethod(nameof(Sink<int>.Validate))!.Invoke(sink, [new SerializerRegistry(), true])!;

        Assert.Contains(problems, problem => problem.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Validate_Options_AreAllReported()
    {
        Sink<int> sink = FileSink.JsonLines<int>("/nowhere", o => (o.MaxFileSize, o.MaxRecordsPerFile, o.BufferSize, o.Delimiter) = (0, 0, 0, '\n'));

        Assert.Equal(4, sink.Validate(new SerializerRegistry(), true).Count());
    }

    private static async Task RecoverAsync(SinkHarness<int> harness, string folder, int count)
    {
        await harness.StartAsync();
        await harness.WriteAsync(Enumerable.Range(0, count));
        await harness.CheckpointAsync();
        Assert.Equal(Enumerable.Range(0, count), (await FileSource.JsonLines<int>(folder).ReadAllAsync()).Order());
    }

    private static bool Run(string command, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private sealed record Nested(int Id, object Inner);
}
