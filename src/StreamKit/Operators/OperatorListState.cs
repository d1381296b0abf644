using System.Buffers;

namespace StreamKit;

/// <summary>
/// A list that belongs to an operator and subtask rather than to a key. At a restore the items of all former subtasks are dealt out to the new ones,
/// item by item in their order, so an item must mean the same wherever it lands; of a union list each subtask is given all.
/// </summary>
/// <typeparam name="T">The item type; must be serializable.</typeparam>
public sealed class OperatorListState<T>
{
    private readonly Serializer<T> _serializer;

    internal OperatorListState(string name, Serializer<T> serializer, IReadOnlyList<ReadOnlyMemory<byte>> restored)
    {
        Name = name;
        _serializer = serializer;
        Items = new List<T>(restored.Count);
        foreach (var bytes in restored)
        {
            var reader = new MessagePackReader(bytes.Span);
            Items.Add(serializer.Read(ref reader));
        }
    }

    /// <summary>The name, unique in the operator.</summary>
    public string Name { get; }

    /// <summary>The items. Change them freely on the operator's thread; they are copied into each checkpoint at its barrier.</summary>
    public IList<T> Items { get; }

    internal IReadOnlyList<ReadOnlyMemory<byte>> Save()
    {
        var saved = new List<ReadOnlyMemory<byte>>(Items.Count);
        foreach (var item in Items)
        {
            var buffer = new ArrayBufferWriter<byte>();
            var writer = new MessagePackWriter(buffer);
            _serializer.Write(ref writer, item);
            writer.Flush();
            saved.Add(buffer.WrittenMemory);
        }

        return saved;
    }
}
