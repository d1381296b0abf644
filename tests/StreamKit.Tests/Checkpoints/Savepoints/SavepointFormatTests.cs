using System.Security.Cryptography;
using System.Text.Json;
using StreamKit.Checkpoints;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Checkpoints.Savepoints;

public class SavepointFormatTests
{
    private const string File = "savepoint-entry-v0.bin";

    [Fact]
    public void Decode_EntryOfVersion0_GivesItsContent()
    {
        GoldenFile.Update(() => [(File, SavepointFormat.Encode(Savepoint()))]);

        CheckpointManifest decoded = SavepointFormat.Decode("savepoint", GoldenFile.Read(File));

        Assert.Equal(Text(Savepoint()), Text(decoded));
    }

    [Fact]
    public void Encode_TheSameSavepoint_GivesTheSameBytes() => Assert.Equal(GoldenFile.Read(File), SavepointFormat.Encode(Savepoint()));

    [Fact]
    public void Decode_AnyByteChangedOrMissing_IsDetected()
    {
        byte[] bytes = SavepointFormat.Encode(Savepoint());

        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] flipped = (byte[])bytes.Clone();
            flipped[i] ^= (byte)(1 << (i % 8));

            Assert.Throws<CheckpointDamagedException>(() => SavepointFormat.Decode("savepoint", flipped));
            Assert.Throws<CheckpointDamagedException>(() => SavepointFormat.Decode("savepoint", bytes.AsSpan(0, i)));
        }
    }

    [Fact]
    public void Decode_NewerVersion_SaysSoAndNotDamaged()
    {
        byte[] body = SavepointFormat.Encode(Savepoint())[..^SHA256.HashSizeInBytes];
        body["SKSAVE".Length] = 9;

        var failure = Assert.Throws<StreamKitException>(() => SavepointFormat.Decode("savepoint", [.. body, .. SHA256.HashData(body)]));

        Assert.Contains("The savepoint 'savepoint' has format version 9, this StreamKit reads version 0.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_LogEntry_IsNoSavepoint() =>
        Assert.Throws<CheckpointDamagedException>(() => SavepointFormat.Decode("savepoint", LogEntryFormat.Encode(LogEntryFormatTests.Entry())));

    private static string Text(CheckpointManifest manifest) => JsonSerializer.Serialize(manifest);

    private static CheckpointManifest Savepoint() => LogEntryFormatTests.Entry().Manifest! with { Finished = false, Transactions = [] }; // it has one
}
