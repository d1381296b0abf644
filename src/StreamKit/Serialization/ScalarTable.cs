using System.Numerics;
using System.Text;

namespace StreamKit.Serialization;

/// <summary>The types that are one value, each with its serializer and the name of its wire form in schemas. The names are part of the format.</summary>
internal sealed class ScalarTable
{
    private readonly Dictionary<Type, (object Serializer, string Form)> _entries = [];

    private ScalarTable()
    {
    }

    /// <summary>For values.</summary>
    public static ScalarTable OfValues { get; } = Common()
        .Add("float16", new HalfSerializer())
        .Add("float32", new SingleSerializer())
        .Add("float64", new DoubleSerializer())
        .Add("decimal", new DecimalSerializer())
        .Add("datetime", new DateTimeSerializer())
        .Add("timestamp-offset", new DateTimeOffsetSerializer())
        .Add("bytes", new ByteArraySerializer())
        .Add("bytes", new MemorySerializer())
        .Add("bytes", new ReadOnlyMemorySerializer())
        .Add("uri", new UriSerializer())
        .Add("version", new VersionSerializer());

    /// <summary>For keys: equal values have equal bytes, and types for which that cannot be had are missing.</summary>
    public static ScalarTable OfKeys { get; } = Common()
        .Add("float16", new CanonicalHalfSerializer())
        .Add("float32", new CanonicalSingleSerializer())
        .Add("float64", new CanonicalDoubleSerializer())
        .Add("decimal", new CanonicalDecimalSerializer())
        .Add("timestamp", new CanonicalDateTimeOffsetSerializer());

    public bool Contains(Type type) => _entries.ContainsKey(type);

    public object Serializer(Type type) => _entries[type].Serializer;

    public string Form(Type type) => _entries[type].Form;

    private static ScalarTable Common() => new ScalarTable()
        .Add("bool", new BooleanSerializer())
        .Add("int8", new SByteSerializer())
        .Add("int16", new Int16Serializer())
        .Add("int32", new Int32Serializer())
        .Add("int64", new Int64Serializer())
        .Add("int128", new Int128Serializer())
        .Add("uint8", new ByteSerializer())
        .Add("uint16", new UInt16Serializer())
        .Add("uint32", new UInt32Serializer())
        .Add("uint64", new UInt64Serializer())
        .Add("uint128", new UInt128Serializer())
        .Add<BigInteger>("integer", new BigIntegerSerializer())
        .Add<char>("char", new CharSerializer())
        .Add<Rune>("rune", new RuneSerializer())
        .Add("string", new StringSerializer())
        .Add("guid", new GuidSerializer())
        .Add("duration", new TimeSpanSerializer())
        .Add("date", new DateOnlySerializer())
        .Add("time", new TimeOnlySerializer());

    private ScalarTable Add<T>(string form, Serializer<T> serializer)
    {
        _entries.Add(typeof(T), (serializer, form));
        return this;
    }
}
