namespace StreamKit.Operators;

/// <summary>Records and keys as text in failures.</summary>
internal static class RecordText
{
    /// <summary>What the job's <c>DescribeRecord</c> makes of a value; null to keep it out. That is the user's code: if it fails, it must not hide the failure being told.</summary>
    public static string? Of(object? value, Func<object, string?> describe)
    {
        try
        {
            return value is null ? null : describe(value);
        }
        catch (Exception describing)
        {
            return $"(its description failed: {describing.Message})";
        }
    }
}
