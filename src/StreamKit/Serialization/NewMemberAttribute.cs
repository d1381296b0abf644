namespace StreamKit;

/// <summary>
/// Says that a member of a stored type is new, and is not a former one under another name. Needed only where a member that could have been renamed to it
/// is gone, which is refused otherwise, because nobody could tell the two apart (docs/schema-evolution.md).
/// </summary>
/// <remarks>On a property or field, or on the constructor parameter that takes its value.</remarks>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field | AttributeTargets.Parameter, Inherited = false)]
public sealed class NewMemberAttribute : Attribute;
