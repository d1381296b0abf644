namespace StreamKit.Cli;

/// <summary>How the tool ends, for scripts. The numbers are promised in docs/cli.md.</summary>
internal enum ExitCode
{
    /// <summary>It did what was asked.</summary>
    Success = 0,

    /// <summary>It could not: the message says why.</summary>
    Failed = 1,

    /// <summary>The command line is not understood.</summary>
    Usage = 2,

    /// <summary>Something stored is damaged.</summary>
    Damaged = 3,

    /// <summary>What was compared differs.</summary>
    Different = 4,
}
