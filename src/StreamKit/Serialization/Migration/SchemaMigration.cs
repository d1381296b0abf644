using System.Buffers;

namespace StreamKit.Serialization;

/// <summary>
/// How values that were written by one schema become values of the type declared today, or why they cannot. Found once for a pair of schemas, without looking
/// at any value, so that what starts can also be finished. Immutable.
/// </summary>
internal sealed class SchemaMigration
{
    private SchemaMigration(TypeSchema stored, TypeSchema declared, ValueConversion conversion, IReadOnlyList<string> changes, IReadOnlyList<string> problems)
    {
        Stored = stored;
        Declared = declared;
        Conversion = conversion;
        Changes = changes;
        Problems = problems;
    }

    public TypeSchema Stored { get; }

    public TypeSchema Declared { get; }

    /// <summary>What the bytes of a value need; of use only without <see cref="Problems"/>.</summary>
    public ValueConversion Conversion { get; }

    /// <summary>What has changed, each with the place.</summary>
    public IReadOnlyList<string> Changes { get; }

    /// <summary>What stands against it, each with the place and the remedy.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <param name="stored">The schema by which the values were written.</param>
    /// <param name="declared">The schema of the type that they are to be read as.</param>
    public static SchemaMigration Of(TypeSchema stored, TypeSchema declared)
    {
        if (stored.Fingerprint == declared.Fingerprint)
            return new SchemaMigration(stored, declared, ValueConversion.None, [], []);

        var planner = new MigrationPlanner(stored, declared);
        var conversion = planner.Plan();
        return new SchemaMigration(stored, declared, conversion, planner.Changes, planner.Problems);
    }

    /// <summary>The bytes of one value in the form of today.</summary>
    public ReadOnlyMemory<byte> Convert(ReadOnlyMemory<byte> value)
    {
        if (Conversion.IsNone)
            return value;

        var output = new ArrayBufferWriter<byte>();
        var reader = new MessagePackReader(value.Span);
        var writer = new MessagePackWriter(output);
        Conversion.Convert(ref reader, ref writer);
        writer.Flush();
        return output.WrittenMemory;
    }

    /// <summary>Why the values cannot be read as they are declared now, with the remedy; null when they can.</summary>
    /// <param name="what">What holds them, such as <c>State 'total'</c>.</param>
    /// <param name="where">Where they stand, such as <c>in the checkpoint</c>.</param>
    public string? WhyNot(string what, string where) => Problems.Count == 0
        ? null
        : $"{what} holds {Declared}, but {Stored} {where}: {string.Join("; ", Problems)}. Otherwise declare it as it was, or give the new state another name.";
}
