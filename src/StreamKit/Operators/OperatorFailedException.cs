using StreamKit.Operators;

namespace StreamKit;

/// <summary>A user's function, a source or a sink threw. Names the operator, the subtask and what was at hand: a record, or the timer or window that fired and its key.</summary>
public sealed class OperatorFailedException : StreamKitException
{
    internal OperatorFailedException(OperatorServices services, string? record, string? firing, string? key, Exception cause)
        : base(Describe(services, record, firing, key, cause), cause)
    {
        OperatorName = services.OperatorName;
        Subtask = services.Subtask;
        Record = record;
        Firing = firing;
        Key = key;
    }

    /// <summary>The operator that failed.</summary>
    public string OperatorName { get; }

    /// <summary>The subtask that failed, from 0.</summary>
    public int Subtask { get; }

    /// <summary>The record at hand as text, as far as the job's <c>DescribeRecord</c> option tells it; null when there was none.</summary>
    public string? Record { get; }

    /// <summary>What was firing: a timer with its timestamp, or a window with its start and end; null when neither was.</summary>
    public string? Firing { get; }

    /// <summary>The key of what was firing as text, as far as the job's <c>DescribeRecord</c> option tells it; null when nothing was.</summary>
    public string? Key { get; }

    private static string Describe(OperatorServices services, string? record, string? firing, string? key, Exception cause)
    {
        var at = record is null ? "" : $" on record {record}";
        if (firing is not null)
            at += key is null ? $" firing {firing}" : $" firing {firing} for key {key}";
        return $"Operator '{services.OperatorName}' (subtask {services.Subtask} of {services.Parallelism}) failed{at}: {cause.Message}";
    }
}
