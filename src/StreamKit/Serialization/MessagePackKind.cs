namespace StreamKit;

#pragma warning disable CA1720 // The names are the format's own.

/// <summary>The kinds of MessagePack values.</summary>
public enum MessagePackKind
{
    /// <summary>The absent value.</summary>
    Nil,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A whole number from −2⁶³ to 2⁶⁴−1, in any of its encodings.</summary>
    Integer,

    /// <summary>A floating-point number of 32 or 64 bits.</summary>
    Float,

    /// <summary>Text in UTF-8.</summary>
    String,

    /// <summary>Bytes.</summary>
    Binary,

    /// <summary>A sequence of values.</summary>
    Array,

    /// <summary>A sequence of pairs of values.</summary>
    Map,

    /// <summary>Bytes with a type number; −1 is a timestamp.</summary>
    Extension,
}
