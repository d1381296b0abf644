namespace StreamKit;

/// <summary>A job was built with mistakes in it. Lists all of them.</summary>
public sealed class JobBuildException : StreamKitException
{
    internal JobBuildException(string jobName, IReadOnlyList<string> problems)
        : base($"Job '{jobName}' cannot be built; {problems.Count} {(problems.Count == 1 ? "problem" : "problems")}:{string.Concat(problems.Select(static problem => $"{Environment.NewLine}- {problem}"))}") =>
        Problems = problems;

    /// <summary>The mistakes, each naming the operator or setting and the remedy.</summary>
    public IReadOnlyList<string> Problems { get; }
}
