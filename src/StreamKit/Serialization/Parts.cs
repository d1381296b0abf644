namespace StreamKit.Serialization;

/// <summary>Checks that serializers share.</summary>
internal static class Parts
{
    /// <summary>The most elements for which memory is taken on the word of a header; beyond, it grows with what is really there.</summary>
    public const int TrustedCount = 1024;

    /// <summary>Reads the header of an array that has a fixed number of parts.</summary>
    public static void Expect(ref MessagePackReader reader, int expected, string type)
    {
        var found = reader.ReadArrayHeader();
        if (found != expected)
            throw Mismatch(reader.Position, found, expected, type);
    }

    /// <summary>Says that bytes have another number of members than the type.</summary>
    public static StreamSerializationException Mismatch(int position, int found, int expected, string type) => new(
        $"A value of '{type}' before byte {position} has {found} members, expected {expected}. The bytes were written by another version of the type.");
}
