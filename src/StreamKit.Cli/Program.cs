using System.Reflection;
using StreamKit.Cli.Commands;

namespace StreamKit.Cli;

/// <summary>The tool: finds the command, runs it, and turns what went wrong into a message and an exit code.</summary>
internal static class Program
{
    private static readonly Command[] s_commands =
        [new ListCommand(), new ShowCommand(), new DumpCommand(), new VerifyCommand(), new DiffCommand(), new CopyCommand(), new DeleteCommand()];

    private static async Task<int> Main(string[] words)
    {
        using var interrupted = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            interrupted.Cancel();
        };
        return (int)await RunAsync(words, interrupted.Token);
    }

    private static async Task<ExitCode> RunAsync(string[] words, CancellationToken cancellation)
    {
        try
        {
            return await DispatchAsync(words, cancellation);
        }
        catch (UsageException wrong)
        {
            await Console.Error.WriteLineAsync($"{wrong.Message}{Environment.NewLine}'streamkit help' shows the commands, 'streamkit help COMMAND' how one is used.");
            return ExitCode.Usage;
        }
        catch (CheckpointDamagedException damage)
        {
            await Console.Error.WriteLineAsync(damage.Message);
            return ExitCode.Damaged;
        }
        catch (StreamKitException failure)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Interrupted.");
            return ExitCode.Failed;
        }
    }

    private static async Task<ExitCode> DispatchAsync(string[] words, CancellationToken cancellation)
    {
        switch (words)
        {
            case [] or ["help"] or ["--help"] or ["-h"]:
                WriteCommands();
                return ExitCode.Success;
            case ["--version"]:
                Console.WriteLine(typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);
                return ExitCode.Success;
            case ["help", var name]:
                Console.WriteLine(Find(name).Help);
                return ExitCode.Success;
            case [var name, "--help" or "-h"]:
                Console.WriteLine(Find(name).Help);
                return ExitCode.Success;
        }

        var command = Find(words[0]);
        var arguments = new Arguments(words.Skip(1), command.Options, command.Switches);
        return await command.RunAsync(arguments, Console.Out, cancellation);
    }

    private static Command Find(string name) => s_commands.FirstOrDefault(command => command.Name == name)
        ?? throw new UsageException($"There is no command '{name}'.");

    private static void WriteCommands()
    {
        Console.WriteLine("Looks after checkpoints and savepoints of StreamKit jobs. A FOLDER is a job's checkpoint folder or that of a savepoint.");
        Console.WriteLine();
        Text.Table(Console.Out, [.. s_commands.Select(static command => new[] { $"  streamkit {command.Name}", command.Summary })]);
        Console.WriteLine();
        Console.WriteLine("'streamkit help COMMAND' shows how a command is used. Exit codes: 0 done, 1 failed, 2 not understood, 3 damage found, 4 differences found.");
    }
}
