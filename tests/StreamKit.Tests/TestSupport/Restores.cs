namespace StreamKit.Tests.TestSupport;

/// <summary>When an operator under test is thrown away and goes on from a snapshot.</summary>
internal enum Restores
{
    /// <summary>It runs plain.</summary>
    Never,

    /// <summary>At random steps; cuts may be written after more has been sent.</summary>
    NowAndThen,

    /// <summary>After every step of its history.</summary>
    AtEveryStep,
}
