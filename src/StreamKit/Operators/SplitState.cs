using System.Buffers;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>What a checkpoint keeps of a split: how to open it, where to go on, and how far its event time was.</summary>
internal readonly record struct SplitState(SourceSplit Split, SourcePosition Position, long Watermark, bool Finished)
{
    /// <summary>The list state under which a source's splits are kept.</summary>
    public const string ListName = "splits";

    private const int Members = 6;

    /// <summary>Names the form of <see cref="Save"/>.</summary>
    public static TypeSchema Schema { get; } = TypeSchema.Custom("split");

    public static SplitState Start(SourceSplit split) => new(split, default, Elements.EventTime.None, false);

    public ReadOnlyMemory<byte> Save()
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(Members);
        writer.Write(Split.Id);
        writer.Write(Split.Data);
        writer.Write(Position.Offset);
        writer.Write(Position.Token);
        writer.Write(Watermark);
        writer.Write(Finished);
        writer.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>The list state of a source.</summary>
    public static IReadOnlyDictionary<string, ListSnapshot> AsList(IReadOnlyList<ReadOnlyMemory<byte>> splits) =>
        new Dictionary<string, ListSnapshot> { [ListName] = new(Schema, splits) };

    public static SplitState Load(ReadOnlyMemory<byte> bytes)
    {
        var reader = new MessagePackReader(bytes.Span);
        var members = reader.ReadArrayHeader();
        if (members != Members)
            throw new StreamKitException($"The state of a source split has {members} members, expected {Members}. The checkpoint was written by another version of StreamKit.");
        var id = reader.ReadString() ?? throw new StreamKitException("The state of a source split has no id. The checkpoint is damaged.");
        return new SplitState(
            new SourceSplit(id, reader.ReadString()),
            new SourcePosition(reader.ReadInt64(), reader.ReadString()),
            reader.ReadInt64(),
            reader.ReadBoolean());
    }
}
