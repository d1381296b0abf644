namespace StreamKit;

/// <summary>
/// Says what a member of a stored type was called before, so that state written under a former name is read into it (docs/schema-evolution.md).
/// Leave it in place: rows keep the form in which they were written until they change or are merged.
/// </summary>
/// <param name="names">The former names, as they were spelled.</param>
/// <remarks>On a property or field, or on the constructor parameter that takes its value: in a record, <c>record Spending([RenamedFrom("Sum")] decimal Total)</c>.</remarks>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field | AttributeTargets.Parameter, Inherited = false)]
public sealed class RenamedFromAttribute(params string[] names) : Attribute
{
    /// <summary>The former names.</summary>
    public IReadOnlyList<string> Names { get; } = names;
}
