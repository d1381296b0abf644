using System.Collections.Immutable;
using System.Numerics;
using System.Text;

namespace StreamKit.Tests.Serialization;

/// <summary>Random types and random values of them, from a seed.</summary>
internal sealed class RandomValues(int seed)
{
    private static readonly Type[] Scalars =
    [
        typeof(bool), typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(Int128), typeof(UInt128),
        typeof(BigInteger), typeof(Half), typeof(float), typeof(double), typeof(decimal), typeof(char), typeof(Rune), typeof(string), typeof(Guid), typeof(DateTime),
        typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly), typeof(TimeOnly), typeof(Colour), typeof(Signed), typeof(byte[]), typeof(Point), typeof(Payment),
        typeof(Node), typeof(Everything), typeof(int?), typeof(decimal?), typeof(Point?),
    ];

    private static readonly Type[] Collections =
    [
        typeof(List<>), typeof(IReadOnlyList<>), typeof(Queue<>), typeof(Stack<>), typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(Wrapped<>),
    ];

    private readonly Random _random = new(seed);

    /// <summary>A random type, nested up to <paramref name="depth"/> levels.</summary>
    public Type NextType(int depth, bool withMaps = true)
    {
        switch (depth == 0 ? 0 : _random.Next(6))
        {
            case 1:
                return Collections[_random.Next(Collections.Length)].MakeGenericType(NextType(depth - 1, withMaps));
            case 2:
                return NextType(depth - 1, withMaps).MakeArrayType();
            case 3 when withMaps:
                return typeof(Dictionary<,>).MakeGenericType(typeof(string), NextType(depth - 1));
            case 4:
                return typeof(ValueTuple<,>).MakeGenericType(NextType(depth - 1, withMaps), NextType(depth - 1, withMaps));
            case 5:
                return typeof(KeyValuePair<,>).MakeGenericType(NextType(depth - 1, withMaps), NextType(depth - 1, withMaps));
            default:
                var scalar = Scalars[_random.Next(Scalars.Length)];
                return scalar == typeof(Everything) && !withMaps ? typeof(Payment) : scalar;
        }
    }

    /// <summary>A random value; edges are likelier than between them.</summary>
    public object? Next(Type type, int depth = 0)
    {
        if (!type.IsValueType && _random.Next(8) == 0 || Nullable.GetUnderlyingType(type) is not null && _random.Next(2) == 0)
            return null;

        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
            return Enum.ToObject(type, Next(Enum.GetUnderlyingType(type))!);
        if (Scalar(type) is { } scalar)
            return scalar;
        if (type == typeof(Node))
            return depth > 4 ? null : new Node(Text(), (Node?)Next(type, depth + 1), (Node?)Next(type, depth + 1), (List<Node>?)Next(typeof(List<Node>), depth + 1));
        if (type.IsArray)
            return Items(type.GetElementType()!, depth);
        if (type.IsGenericType && Collection(type, depth) is { } collection)
            return collection;

        var constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length)!;
        return constructor.Invoke([.. constructor.GetParameters().Select(p => Next(p.ParameterType, depth + 1))]);
    }

    private object? Scalar(Type type) => type switch
    {
        _ when type == typeof(bool) => _random.Next(2) == 0,
        _ when type == typeof(sbyte) => (sbyte)Integer(),
        _ when type == typeof(byte) => (byte)Integer(),
        _ when type == typeof(short) => (short)Integer(),
        _ when type == typeof(ushort) => (ushort)Integer(),
        _ when type == typeof(int) => (int)Integer(),
        _ when type == typeof(uint) => (uint)Integer(),
        _ when type == typeof(long) => Integer(),
        _ when type == typeof(ulong) => (ulong)Integer(),
        _ when type == typeof(Int128) => (Int128)Integer() * (_random.Next(2) == 0 ? 1 : Integer()),
        _ when type == typeof(UInt128) => (UInt128)(ulong)Integer() * (_random.Next(2) == 0 ? 1 : (ulong)Integer()),
        _ when type == typeof(BigInteger) => BigInteger.Pow(Integer(), _random.Next(1, 5)),
        _ when type == typeof(Half) => BitConverter.UInt16BitsToHalf((ushort)_random.Next(0x7c00)),
        _ when type == typeof(float) => _random.Next(3) == 0 ? (float)_random.Next(-5, 5) : (float)(_random.NextDouble() * 1e6),
        _ when type == typeof(double) => _random.Next(3) == 0 ? _random.Next(-5, 5) + 0.5 : (_random.NextDouble() - 0.5) * Math.Pow(10, _random.Next(-300, 300)),
        _ when type == typeof(decimal) => new decimal((int)Integer(), (int)Integer(), _random.Next(2) == 0 ? 0 : (int)Integer(), _random.Next(2) == 0, (byte)_random.Next(29)) + 0m,
        _ when type == typeof(char) => (char)_random.Next(0x10000),
        _ when type == typeof(Rune) => new Rune(_random.Next(0xd800)),
        _ when type == typeof(string) => Text(),
        _ when type == typeof(Guid) => new Guid(Bytes(16)),
        _ when type == typeof(DateTime) => new DateTime(Ticks(), (DateTimeKind)_random.Next(3)),
        _ when type == typeof(DateTimeOffset) => new DateTimeOffset(Math.Clamp(Ticks(), TimeSpan.TicksPerDay, DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay), TimeSpan.FromMinutes(_random.Next(-840, 841))),
        _ when type == typeof(TimeSpan) => new TimeSpan(Integer()),
        _ when type == typeof(DateOnly) => DateOnly.FromDayNumber(_random.Next(DateOnly.MaxValue.DayNumber + 1)),
        _ when type == typeof(TimeOnly) => new TimeOnly(_random.NextInt64(TimeSpan.TicksPerDay)),
        _ when type == typeof(byte[]) => Bytes(_random.Next(300)),
        _ => null,
    };

    private object? Collection(Type type, int depth)
    {
        var definition = type.GetGenericTypeDefinition();
        var parts = type.GetGenericArguments();
        if (definition == typeof(Dictionary<,>))
        {
            var map = (System.Collections.IDictionary)Activator.CreateInstance(type)!;
            for (var count = _random.Next(5); count > 0; count--)
                map[Text()] = Next(parts[1], depth + 1);
            return map;
        }

        if (definition == typeof(ImmutableArray<>) || definition == typeof(ImmutableList<>))
        {
            var factory = definition == typeof(ImmutableArray<>) ? typeof(ImmutableArray) : typeof(ImmutableList);
            var create = factory.GetMethods().Single(m => m.Name == "Create" && m.GetParameters() is [{ ParameterType.IsArray: true }]);
            return create.MakeGenericMethod(parts).Invoke(null, [Items(parts[0], depth)]);
        }

        if (definition == typeof(IReadOnlyList<>) || definition == typeof(List<>))
            return Activator.CreateInstance(typeof(List<>).MakeGenericType(parts), Items(parts[0], depth));

        return definition == typeof(Queue<>) || definition == typeof(Stack<>) ? Activator.CreateInstance(type, Items(parts[0], depth)) : null;
    }

    private Array Items(Type element, int depth)
    {
        var items = Array.CreateInstance(element, _random.Next(depth > 2 ? 2 : 20));
        for (var i = 0; i < items.Length; i++)
            items.SetValue(Next(element, depth + 1), i);
        return items;
    }

    private string Text()
    {
        string[] alphabet = ["a", "Z", "0", "é", "√", "😀", "\0", " "];
        return string.Concat(Enumerable.Range(0, _random.Next(2) == 0 ? _random.Next(5) : _random.Next(80)).Select(_ => alphabet[_random.Next(alphabet.Length)]));
    }

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    private long Integer() => _random.NextInt64(long.MinValue, long.MaxValue) >> _random.Next(64);

    private long Ticks() => _random.Next(3) switch
    {
        0 => _random.NextInt64(DateTime.MaxValue.Ticks + 1),
        1 => DateTime.UnixEpoch.Ticks + (_random.NextInt64(1L << 32) * TimeSpan.TicksPerSecond),
        _ => DateTime.UnixEpoch.Ticks + _random.NextInt64(1L << 60),
    };
}
