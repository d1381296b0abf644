using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using StreamKit.Serialization;

namespace StreamKit.Generators.Tests.Serialization;

/// <summary>Values of random types, read as a later version of their type, by the serializers made at compile time and by those made at run time.</summary>
public class MigrationTests
{
    private const int Pairs = 120;
    private const int ValuesEach = 3;

    [Fact]
    public void Values_OfRandomTypes_BecomeThoseOfTheNextVersion()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("STREAMKIT_SEED"), out var given) ? given : 20_251;
        var versions = Load(new RandomVersions(seed).Source(Pairs, ValuesEach)).GetType("Versions")!; // it is in the source
        var (generated, runTime) = (new SerializerRegistry(), new SerializerRegistry(static _ => null));
        var (changed, identical) = (0, 0);
        for (var i = 0; i < Pairs; i++)
        {
            var pairs = (IEnumerable)versions.GetMethod($"Pair{i}")!.Invoke(null, [])!; // it is in the source
            foreach (ITuple pair in pairs)
            {
                Assert.NotNull(GeneratedTypes.Find(pair[1]!.GetType()));
                foreach (var (writing, reading) in new[] { (generated, generated), (runTime, runTime), (generated, runTime), (runTime, generated) })
                {
                    var migration = Migration(writing, pair[0]!, reading, pair[1]!); // values, not null
                    Assert.True(migration.Problems.Count == 0, $"seed {seed}, pair {i}: {migration.Stored} to {migration.Declared}: {string.Join("; ", migration.Problems)}");
                    _ = migration.Conversion.IsNone ? identical++ : changed++;

                    var converted = Convert(migration, AnySerializer.For(writing, pair[0]!.GetType()).Write(pair[0]));

                    var serializer = AnySerializer.For(reading, pair[1]!.GetType());
                    var expected = serializer.Write(pair[1]);
                    // Byte for byte what the new version writes, so that nothing tells whether a row was converted.
                    Assert.True(expected.AsSpan().SequenceEqual(converted), $"seed {seed}, pair {i}: {migration.Stored} to {migration.Declared}: {System.Convert.ToHexString(expected)} but {System.Convert.ToHexString(converted)}");
                    Assert.Equal(expected, serializer.Write(serializer.Read(converted)));
                }
            }
        }

        Assert.True(changed > identical, $"seed {seed}: {changed} values were converted, {identical} not.");
    }

    [Fact]
    public void Default_OfAParameter_IsThatOfANewMember() => Added(
        ("[StreamType] public record New0(int Id, int Added = -7);", "-7"),
        ("[StreamType] public record New1(int Id, int? Added = 7);", "7"),
        ("[StreamType] public record New2(int Id, int? Added = null);", ""),
        ("[StreamType] public record New3(int Id, double Added = -0.0);", "-0"),
        ("[StreamType] public record New4(int Id, double Added = double.NaN);", "NaN"),
        ("[StreamType] public record New5(int Id, float Added = float.NegativeInfinity);", "-Infinity"),
        ("[StreamType] public record New6(int Id, decimal Added = 1.50m);", "1.50"),
        ("[StreamType] public record New7(int Id, string Added = \"a\\\"\\n√\");", "a\"\n√"),
        ("[StreamType] public record New8(int Id, string? Added = null);", ""),
        ("[StreamType] public record New9(int Id, char Added = '\\'');", "'"),
        ("[StreamType] public record New10(int Id, ulong Added = ulong.MaxValue);", "18446744073709551615"),
        ("[StreamType] public record New11(int Id, long Added = long.MinValue);", "-9223372036854775808"),
        ("[StreamType] public record New12(int Id, DayOfWeek Added = DayOfWeek.Friday);", "Friday"),
        ("[StreamType] public record New13(int Id, DayOfWeek? Added = DayOfWeek.Friday);", "Friday"),
        ("[StreamType] public record New14(int Id, DateTime Added = default);", "01/01/0001 00:00:00"),
        ("[StreamType] public record New15(int Id, bool Added = true);", "True"));

    [Fact]
    public void Default_OfAProperty_IsWhatItIsInANewObject() => Added(
        ("[StreamType] public class New0 { public int Id { get; set; } public int Added { get; set; } = 5; }", "5"),
        ("[StreamType] public class New1(int id) { public int Id => id; public int Added { get; init; } = id + 6; }", "6"),
        ("[StreamType] public record New2(int Id = 4) { public int Added { get; init; } = Id; }", "4"),
        ("[StreamType] public struct New3 { public New3() { } public int Id; public int Added = 8; }", "8"),
        ("[StreamType] public struct New4 { public int Id; public int Added; }", "0"),
        ("[StreamType] public class New5 { public int Id { get; set; } public required int Added { get; init; } }", "0"),
        ("[StreamType] public class New6 { public required string Other { get; init; } public int Id { get; set; } public int Added { get; init; } = 3; }", "3"),
        ("[StreamType] public class Base { public required string Other { get; init; } } [StreamType] public class New7 : Base { public int Id { get; set; } public int Added { get; init; } = 2; }", "2"),
        ("[StreamType] public class New8 { [System.Diagnostics.CodeAnalysis.SetsRequiredMembers] public New8(int id) { Id = id; Added = 9; } public required int Id { get; init; } public int Added { get; set; } }", "9"));

    [Fact]
    public void Default_OfATypeThatRefusesDefaults_IsRefusedByBoth()
    {
        const string Type = "[StreamType] public class New { public New(int id) => Id = id > 0 ? id : throw new InvalidOperationException(\"not positive\"); public int Id { get; } public int Added { get; set; } }";
        var assembly = Load("[StreamType] public record Old(int Id);" + Type);
        var (old, now) = (Activator.CreateInstance(assembly.GetType("Old")!, 1)!, Activator.CreateInstance(assembly.GetType("New")!, 1)!); // they are in the source

        var generated = Migration(new SerializerRegistry(), old, new SerializerRegistry(), now);
        var runTime = Migration(new SerializerRegistry(static _ => null), old, new SerializerRegistry(static _ => null), now);

        Assert.Equal(
            ["'Added' is not there in all values, and 'New' cannot be made from the defaults of its constructor's parameters, or they cannot be written: not positive Give the constructor's parameters defaults that it takes"],
            generated.Problems);
        Assert.Equal(generated.Problems, runTime.Problems);
    }

    /// <summary>Looks at what the member <c>Added</c> of each type is after reading an object without it, by either kind of serializer.</summary>
    private static void Added(params (string Type, string Expected)[] types)
    {
        var assembly = Load("[StreamType] public record Old(int Id);" + string.Concat(types.Select(static each => each.Type)));
        var old = Activator.CreateInstance(assembly.GetType("Old")!, 1)!; // it is in the source
        for (var i = 0; i < types.Length; i++)
        {
            var type = assembly.GetType($"New{i}")!; // it is in the source
            foreach (var registry in new[] { new SerializerRegistry(), new SerializerRegistry(static _ => null) })
            {
                var migration = Migration(registry, old, registry, RuntimeHelpers.GetUninitializedObject(type));
                Assert.Empty(migration.Problems);
                var value = AnySerializer.For(registry, type).Read(Convert(migration, AnySerializer.For(registry, old.GetType()).Write(old)));
                var member = type.GetProperty("Added")?.GetValue(value) ?? type.GetField("Added")?.GetValue(value);
                Assert.Equal(types[i].Expected, System.Convert.ToString(member, System.Globalization.CultureInfo.InvariantCulture) ?? "");
            }
        }
    }

    private static SchemaMigration Migration(SerializerRegistry writing, object old, SerializerRegistry reading, object now) =>
        SchemaMigration.Of(Stored(writing.GetSchema(old.GetType())), reading.GetSchema(now.GetType()));

    /// <summary>A schema as a checkpoint has it: without the type.</summary>
    private static TypeSchema Stored(TypeSchema schema)
    {
        using var buffer = new PooledBufferWriter();
        var writer = new MessagePackWriter(buffer);
        schema.Write(ref writer);
        writer.Flush();
        var reader = new MessagePackReader(buffer.WrittenSpan);
        return TypeSchema.Read(ref reader);
    }

    private static byte[] Convert(SchemaMigration migration, byte[] bytes)
    {
        using var buffer = new PooledBufferWriter(16);
        var writer = new MessagePackWriter(buffer);
        var reader = new MessagePackReader(bytes);
        migration.Conversion.Convert(ref reader, ref writer);
        writer.Flush();
        Assert.Equal(0, reader.Remaining);
        return buffer.WrittenSpan.ToArray();
    }

    private static Assembly Load(string source)
    {
        using var bytes = new MemoryStream();
        var result = Sources.Generate(source).Emit(bytes, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Success);
        return Assembly.Load(bytes.ToArray());
    }
}
