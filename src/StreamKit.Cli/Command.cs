namespace StreamKit.Cli;

/// <summary>One command of the tool.</summary>
internal abstract class Command
{
    public abstract string Name { get; }

    /// <summary>What it does, in one line.</summary>
    public abstract string Summary { get; }

    /// <summary>How it is called and what its options mean.</summary>
    public abstract string Help { get; }

    /// <summary>The options that take a value.</summary>
    public virtual IReadOnlyCollection<string> Options => [];

    public virtual IReadOnlyCollection<string> Switches => [];

    public abstract Task<ExitCode> RunAsync(Arguments arguments, TextWriter output, CancellationToken cancellation);
}
