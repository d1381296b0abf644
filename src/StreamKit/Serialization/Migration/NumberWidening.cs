namespace StreamKit.Serialization;

/// <summary>
/// The numbers that can be read as another one because that one holds every value of theirs exactly. Nothing else counts as wider: not 64-bit whole numbers as
/// floating-point ones, which round them, and not binary fractions as decimals.
/// </summary>
internal static class NumberWidening
{
    private static readonly string[] _signed = ["int8", "int16", "int32", "int64", "int128", "integer"];
    private static readonly string[] _unsigned = ["uint8", "uint16", "uint32", "uint64", "uint128", "integer"];
    private static readonly string[] _floats = ["float16", "float32", "float64"];

    /// <summary>What turns values of a form into those of a wider one; null if the other form cannot hold all of them, or if either is no number.</summary>
    public static ValueConversion? Between(string stored, string declared)
    {
        if (stored == declared)
            return ValueConversion.None;

        var (signed, unsigned, real) = (Array.IndexOf(_signed, stored), Array.IndexOf(_unsigned, stored), Array.IndexOf(_floats, stored));
        if (real >= 0)
            return Array.IndexOf(_floats, declared) > real ? ToFloat(declared) : null;
        if (signed < 0 && unsigned < 0)
            return null;

        // All whole numbers are written by their value alone, in as few bytes as it takes.
        if (Array.IndexOf(_signed, declared) > Math.Max(signed, unsigned) || (signed < 0 && Array.IndexOf(_unsigned, declared) > unsigned))
            return ValueConversion.None;

        // As doublings of 8 bits: a half holds 11 bits of a whole number, a single 24, a double 53, a decimal 96.
        var size = Math.Max(signed, unsigned);
        return declared switch
        {
            "decimal" => size <= 3 ? new DecimalConversion() : null,
            _ => Array.IndexOf(_floats, declared) >= size ? ToFloat(declared) : null,
        };
    }

    private static ValueConversion ToFloat(string declared) => declared == "float64" ? new DoubleConversion() : new SingleConversion();
}
