using System.Text.Json;
using StreamKit.Checkpoints;
using StreamKit.Serialization;
using StreamKit.State;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Checkpoints;

public class LogEntryFormatTests
{
    private static readonly TypeSchema s_spending = new(
        SchemaKind.Members, "Spending", [new SchemaMember("Sum", TypeSchema.Scalar("decimal")), new SchemaMember("Before", new TypeSchema(SchemaKind.Reference, "Spending", [], 0))]);

    [Fact]
    public void Decode_EncodedEntry_IsTheSame()
    {
        LogEntry entry = Entry();

        LogEntry decoded = LogEntryFormat.Decode("log/7", LogEntryFormat.Encode(entry));

        Assert.Equal(Text(entry), Text(decoded));
    }

    [Fact]
    public void Decode_ClaimOfAFreshJob_HasNoManifest()
    {
        LogEntry claim = Entry() with { Kind = LogEntryKind.Claim, Number = 1, Retained = [], Released = [], Manifest = null };

        LogEntry decoded = LogEntryFormat.Decode("log/1", LogEntryFormat.Encode(claim));

        Assert.Equal(Text(claim), Text(decoded));
    }

    /// <summary>Until the first release the file may be made anew when the layout changes. From then on it stays as it is for ever, and another layout is another version with a file of its own.</summary>
    [Fact]
    public void Decode_EntryOfVersion0_GivesItsContent()
    {
        GoldenFile.Update(() => [("log-entry-v0.bin", LogEntryFormat.Encode(Entry()))]);

        LogEntry decoded = LogEntryFormat.Decode("log/7", GoldenFile.Read("log-entry-v0.bin"));

        Assert.Equal(Text(Entry()), Text(decoded));
    }

    /// <summary>Union lists came later: entries without them are written as they were.</summary>
    [Fact]
    public void Decode_EntryOfVersion0WithUnionLists_GivesItsContent()
    {
        GoldenFile.Update(() => [("log-entry-v0-unions.bin", LogEntryFormat.Encode(WithUnions()))]);

        LogEntry decoded = LogEntryFormat.Decode("log/7", GoldenFile.Read("log-entry-v0-unions.bin"));

        Assert.Equal(Text(WithUnions()), Text(decoded));
        Assert.Equal(GoldenFile.Read("log-entry-v0-unions.bin"), LogEntryFormat.Encode(WithUnions()));
        Assert.Equal(["b"], decoded.Manifest!.Operators[1].UnionLists);
    }

    [Fact]
    public void Decode_AUnionListWithoutASchema_IsDamage()
    {
        var failure = Assert.Throws<CheckpointDamagedException>(() => LogEntryFormat.Decode("log/7", LogEntryFormat.Encode(WithUnions("c"))));

        Assert.Contains("The union list 'c' has no schema", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_TheSameEntry_GivesTheSameBytes() =>
        Assert.Equal(GoldenFile.Read("log-entry-v0.bin"), LogEntryFormat.Encode(Entry()));

    [Fact]
    public void Decode_AnyByteChangedOrMissing_IsDetected()
    {
        byte[] bytes = LogEntryFormat.Encode(Entry());

        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] flipped = (byte[])bytes.Clone();
            flipped[i] ^= (byte)(1 << (i % 8));

            var failure = Assert.Throws<CheckpointDamagedException>(() => LogEntryFormat.Decode("log/7", flipped));
            Assert.Equal("log/7", failure.ObjectName);
            Assert.Throws<CheckpointDamagedException>(() => LogEntryFormat.Decode("log/7", bytes.AsSpan(0, i)));
        }

        Assert.Throws<CheckpointDamagedException>(() => LogEntryFormat.Decode("log/7", [.. bytes, 0]));
    }

    [Fact]
    public void Decode_HostileBytesWithTheRightDigest_GiveAnErrorOrAnEntry()
    {
        const int seed = 5;
        var random = new Random(seed);
        byte[] bytes = LogEntryFormat.Encode(Entry());
        int refused = 0;

        for (int round = 0; round < 5000; round++)
        {
            byte[] body = bytes[..^32];
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                body[random.Next(6, body.Length)] = (byte)random.Next(256);
            }

            try
            {
                LogEntryFormat.Decode("log/7", [.. body, .. System.Security.Cryptography.SHA256.HashData(body)]);
            }
            catch (StreamKitException)
            {
                refused++;
            }
        }

        Assert.True(refused > 500, $"Only {refused} of 5000 forged entries were refused (seed {seed}).");
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(255, false)]
    [InlineData(1, true)]
    public void Decode_NewerVersion_SaysSoAndNotDamaged(byte version, bool isOfAnotherLayout)
    {
        byte[] body = isOfAnotherLayout ? [.. "SKLOG"u8, 0, 42] : LogEntryFormat.Encode(Entry())[..^32];
        body[5] = version;

        var failure = Assert.Throws<StreamKitException>(
            () => LogEntryFormat.Decode("log/7", [.. body, .. System.Security.Cryptography.SHA256.HashData(body)]));

        Assert.Contains($"format version {version}", failure.Message);
        Assert.True(failure.IsPermanent);
    }

    private static string Text(LogEntry entry) => JsonSerializer.Serialize(entry);

    private static LogEntry WithUnions(string list = "b")
    {
        LogEntry entry = Entry();
        IReadOnlyList<OperatorManifest> operators = entry.Manifest!.Operators; // it was made with one
        return entry with { Manifest = entry.Manifest with { Operators = [operators[0], operators[1] with { UnionLists = [list] }] } };
    }

    internal static LogEntry Entry()
    {
        var job = new JobIdentity("fraud-detection", new Guid("00112233-4455-6677-8899-aabbccddeeff"), 128);
        return new LogEntry
        {
            Kind = LogEntryKind.Checkpoint,
            Number = 7,
            Claim = 5,
            Attempt = new Guid("ffeeddcc-bbaa-9988-7766-554433221100"),
            Job = job,
            Timestamp = 1_700_000_000_123,
            Retained = [4, 6, 7],
            Released = [2, 3],
            Manifest = new CheckpointManifest
            {
                Job = job,
                Number = 7,
                Claim = 5,
                Timestamp = 1_700_000_000_123,
                Finished = true,
                Operators =
                [
                    new OperatorManifest
                    {
                        Name = "minute-spend",
                        Parallelism = 2,
                        Key = TypeSchema.Scalar("string"),
                        States = [new StateDescriptor(0, "total", StateKind.Value, s_spending), new StateDescriptor(3, "timers", StateKind.Timers, TypeSchema.Custom("timers"))],
                        Schemas = new StoredSchemas(2, [new SchemaGeneration(1, new Dictionary<int, TypeSchema> { [0] = TypeSchema.Scalar("int64"), [3] = TypeSchema.Custom("timers") })]),
                        NextStateId = 4,
                        Segments =
                        [
                            new SegmentReference { ObjectName = "data/5/1-0-0", Offset = 10, Length = 5_000_000_000, KeyGroups = new KeyGroupRange(0, 63), Sequence = 1, Checksum = uint.MaxValue, Generation = 1 },
                            new SegmentReference { Inline = new byte[] { 1, 2, 3 }, Length = 3, KeyGroups = new KeyGroupRange(64, 127), Sequence = 1, Checksum = 5, Generation = 2 },
                        ],
                        Subtasks = [new SubtaskManifest(0, long.MinValue, NoLists), new SubtaskManifest(1, long.MaxValue, NoLists)],
                    },
                    new OperatorManifest
                    {
                        Name = "transactions",
                        Parallelism = 1,
                        Lists = new Dictionary<string, TypeSchema> { ["a"] = TypeSchema.SequenceOf(TypeSchema.Scalar("int64")), ["b"] = TypeSchema.Scalar("string") },
                        Subtasks =
                        [
                            new SubtaskManifest(0, 42, new Dictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>>
                            {
                                ["a"] = [new byte[] { 9 }, ReadOnlyMemory<byte>.Empty],
                                ["b"] = [],
                            }),
                        ],
                    },
                ],
                Transactions = [new PreparedTransaction("alerts", "tx-1", new byte[] { 7, 7 }), new PreparedTransaction("alerts", "tx-2", default)],
            },
        };
    }

    private static Dictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>> NoLists { get; } = [];
}
