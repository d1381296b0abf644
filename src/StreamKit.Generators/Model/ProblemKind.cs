namespace StreamKit.Generators.Model;

/// <summary>What can stand against making a serializer at compile time; each is a diagnostic of its own.</summary>
internal enum ProblemKind
{
    /// <summary>A member's type has no serializer.</summary>
    Unserializable,

    /// <summary>A field belongs to no member, so its value would be lost.</summary>
    Lost,

    /// <summary>The type cannot be made again.</summary>
    Unmakeable,

    /// <summary>Generated code cannot reach or see the type; the serializer is made at run time.</summary>
    Unreachable,
}
