namespace StreamKit;

/// <summary>A job failed and is not restarted any more. Its inner exception is the last cause.</summary>
public sealed class JobFailedException : StreamKitException
{
    internal JobFailedException(string jobName, IReadOnlyList<Exception> failures)
        : base(Describe(jobName, failures), failures[^1]) => Failures = failures;

    /// <summary>The failure of each attempt, the first one first; at most the last 20.</summary>
    public IReadOnlyList<Exception> Failures { get; }

    private static string Describe(string jobName, IReadOnlyList<Exception> failures)
    {
        var story = failures.Count == 1
            ? failures[0].Message
            : string.Concat(failures.Select((failure, i) => $"{Environment.NewLine}- attempt {i + 1}: {failure.Message}"));
        return $"Job '{jobName}' failed: {story}";
    }
}
