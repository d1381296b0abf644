using StreamKit.Operators;

namespace StreamKit;

/// <summary>A user's function, a source or a sink threw. Names the operator, the subtask and, where one was at hand, the record.</summary>
public sealed class OperatorFailedException : StreamKitException
{
    internal OperatorFailedException(OperatorServices services, string? record, Exception cause)
        : base(Describe(services, record, cause), cause)
    {
        OperatorName = services.OperatorName;
        Subtask = services.Subtask;
        Record = record;
    }

    /// <summary>The operator that failed.</summary>
    public string OperatorName { get; }

    /// <summary>The subtask that failed, from 0.</summary>
    public int Subtask { get; }

    /// <summary>The record at hand as text, as far as the job's <c>DescribeRecord</c> option tells it; null when there was none.</summary>
    public string? Record { get; }

    private static string Describe(OperatorServices services, string? record, Exception cause)
    {
        var at = record is null ? "" : $" on record {record}";
        return $"Operator '{services.OperatorName}' (subtask {services.Subtask} of {services.Parallelism}) failed{at}: {cause.Message}";
    }
}
