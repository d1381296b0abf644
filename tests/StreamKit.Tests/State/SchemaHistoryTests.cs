using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Tests.State;

/// <summary>Which generation rows are written in, and which rows need a conversion.</summary>
public class SchemaHistoryTests
{
    private readonly SerializerRegistry _serializers = new();

    [Fact]
    public void Claim_OfTheSameType_NeedsNothingAndStays()
    {
        var history = Claim<int>(new StoredSchemas(3, []), TypeSchema.Scalar("int32"));

        Assert.Equal(3, history.Generation);
        Assert.Null(history.Of(3));
        Assert.Empty(history.Older);
        Assert.Empty(history.Changes);
    }

    [Fact]
    public void Claim_OfAWiderType_BeginsAGenerationAlthoughTheBytesAreTheSame()
    {
        var history = Claim<long>(new StoredSchemas(3, []), TypeSchema.Scalar("int32"));

        Assert.Equal(4, history.Generation);
        Assert.Null(history.Of(3)); // a number has no width in bytes
        Assert.Equal(3, Assert.Single(history.Older).Number);
        Assert.Equal("int32", history.Older[0].Schemas[7].Name);
        Assert.Equal("state 'total' (int32): it was int32, now int64", Assert.Single(history.Changes));
    }

    [Fact]
    public void Claim_WithOlderGenerations_ConvertsEachByItsOwnSchema()
    {
        var older = new SchemaGeneration(1, new Dictionary<int, TypeSchema> { [7] = TypeSchema.Scalar("int16") });
        var history = Claim<double>(new StoredSchemas(2, [older]), TypeSchema.Scalar("float32"));

        Assert.Equal(3, history.Generation);
        Assert.Equal([1, 2], history.Older.Select(static each => each.Number));
        Assert.Equal("cb3ff0000000000000", Convert(history, 1, [0x01]));
        Assert.Equal("cb3ff0000000000000", Convert(history, 2, [0xca, 0x3f, 0x80, 0x00, 0x00]));
        Assert.Null(history.Of(3));
    }

    [Fact]
    public void Claim_OfATypeThatOlderRowsDoNotFit_IsRefusedThoughNewerOnesDo()
    {
        var older = new SchemaGeneration(0, new Dictionary<int, TypeSchema> { [7] = TypeSchema.Scalar("string") });
        var history = Claim<int>(new StoredSchemas(1, [older]), TypeSchema.Scalar("int32"));

        Assert.Equal(
            "State 'total' holds int32, but string in older rows of the checkpoint: it was string, now int32, which does not hold all values of that. Otherwise declare it as it was, or give the new state another name.",
            Assert.Single(history.Refusals));
    }

    private SchemaHistory Claim<T>(StoredSchemas stored, TypeSchema schema)
    {
        var state = new StateDescriptor(7, "total", StateKind.Value, schema);
        var history = new SchemaHistory([state], stored);
        history.Claim(StateSignature.Of<T>("total", StateKind.Value, _serializers), static conversion => new ValueRowConversion(conversion), state);
        return history;
    }

    private static string Convert(SchemaHistory history, int generation, byte[] value)
    {
        using var scratch = new PooledBufferWriter();
        return System.Convert.ToHexStringLower(history.Of(generation)!.Convert(7, default, value, scratch)); // the test fails without
    }
}
