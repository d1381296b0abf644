using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace StreamKit.Serialization;

/// <summary>A map header and the pairs in the map's own order; nil for null. Comparers are not kept.</summary>
internal abstract class MapSerializer<TMap, TKey, TValue>(Serializer<TKey> key, Serializer<TValue> value) : Serializer<TMap?>
    where TMap : class, IEnumerable<KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    public override void Write(ref MessagePackWriter writer, TMap? map)
    {
        if (map is null)
        {
            writer.WriteNil();
            return;
        }

        var pairs = map.ToArray();
        writer.WriteMapHeader(pairs.Length);
        foreach (var pair in pairs)
        {
            key.Write(ref writer, pair.Key);
            value.Write(ref writer, pair.Value);
        }
    }

    public sealed override TMap? Read(ref MessagePackReader reader)
    {
        if (reader.TryReadNil())
            return null;

        var count = reader.ReadMapHeader();
        var map = new Dictionary<TKey, TValue>(Math.Min(count, Parts.TrustedCount));
        for (; count > 0; count--)
        {
            var k = key.Read(ref reader);
            if (k is null || !map.TryAdd(k, value.Read(ref reader)))
                throw new StreamSerializationException($"A map before byte {reader.Position} has a key that is {(k is null ? "nil" : "there twice")}. The bytes are damaged, or the map had a comparer of its own, which is not kept.");
        }

        return Make(map);
    }

    protected abstract TMap Make(Dictionary<TKey, TValue> map);
}

internal sealed class DictionarySerializer<TKey, TValue>(Serializer<TKey> key, Serializer<TValue> value)
    : MapSerializer<Dictionary<TKey, TValue>, TKey, TValue>(key, value)
    where TKey : notnull
{
    private readonly Serializer<TKey> _key = key;
    private readonly Serializer<TValue> _value = value;

    public override void Write(ref MessagePackWriter writer, Dictionary<TKey, TValue>? map)
    {
        if (map is null)
        {
            writer.WriteNil();
            return;
        }

        writer.WriteMapHeader(map.Count);
        foreach (var pair in map)
        {
            _key.Write(ref writer, pair.Key);
            _value.Write(ref writer, pair.Value);
        }
    }

    protected override Dictionary<TKey, TValue> Make(Dictionary<TKey, TValue> map) => map;
}

/// <summary>The map interfaces, made again as dictionaries.</summary>
internal sealed class MapInterfaceSerializer<TMap, TKey, TValue>(Serializer<TKey> key, Serializer<TValue> value) : MapSerializer<TMap, TKey, TValue>(key, value)
    where TMap : class, IEnumerable<KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    protected override TMap Make(Dictionary<TKey, TValue> map) => Unsafe.As<TMap>(map);
}

internal sealed class SortedDictionarySerializer<TKey, TValue>(Serializer<TKey> key, Serializer<TValue> value)
    : MapSerializer<SortedDictionary<TKey, TValue>, TKey, TValue>(key, value)
    where TKey : notnull
{
    protected override SortedDictionary<TKey, TValue> Make(Dictionary<TKey, TValue> map) => new(map);
}

internal sealed class ImmutableDictionarySerializer<TKey, TValue>(Serializer<TKey> key, Serializer<TValue> value)
    : MapSerializer<ImmutableDictionary<TKey, TValue>, TKey, TValue>(key, value)
    where TKey : notnull
{
    protected override ImmutableDictionary<TKey, TValue> Make(Dictionary<TKey, TValue> map) => map.ToImmutableDictionary();
}
