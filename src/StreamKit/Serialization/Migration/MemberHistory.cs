namespace StreamKit.Serialization;

/// <summary>What a type says of the past of one of its members, by <see cref="RenamedFromAttribute"/> and <see cref="NewMemberAttribute"/>.</summary>
/// <param name="FormerNames">What it was called before.</param>
/// <param name="IsNew">Whether it takes over from no other member.</param>
internal sealed record MemberHistory(IReadOnlyList<string> FormerNames, bool IsNew)
{
    /// <summary>Nothing is said.</summary>
    public static MemberHistory None { get; } = new([], false);

    /// <summary>Whether the type leaves it open if the member was another one before.</summary>
    public bool IsSilent => !IsNew && FormerNames.Count == 0;
}
