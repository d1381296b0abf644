using System.Globalization;
using System.Text;

namespace StreamKit.Generators.Tests.Serialization;

/// <summary>
/// Random types as C# with a later version of each, and values of the one with what they have to be in the other. What they have to be comes from the source text
/// alone, so it is an oracle for whatever turns the one into the other.
/// </summary>
internal sealed class RandomVersions(int seed)
{
    private static readonly (string Type, string[] Wider)[] _numbers =
    [
        ("sbyte", ["short", "int", "long", "Int128", "System.Numerics.BigInteger", "Half", "float", "double", "decimal"]),
        ("short", ["int", "long", "Int128", "float", "double", "decimal"]),
        ("int", ["long", "Int128", "System.Numerics.BigInteger", "double", "decimal"]),
        ("long", ["Int128", "System.Numerics.BigInteger", "decimal"]),
        ("byte", ["short", "ushort", "int", "uint", "long", "ulong", "UInt128", "Half", "float", "double", "decimal"]),
        ("ushort", ["int", "uint", "long", "ulong", "Int128", "float", "double", "decimal"]),
        ("uint", ["long", "ulong", "UInt128", "double", "decimal"]),
        ("ulong", ["Int128", "UInt128", "System.Numerics.BigInteger", "decimal"]),
        ("float", ["double"]),
    ];

    private readonly Random _random = new(seed);
    private readonly StringBuilder _source = new("#nullable enable annotations\n#nullable disable warnings\n");
    private int _names;

    /// <summary>A class <c>Versions</c> whose methods <c>Pair0</c>, <c>Pair1</c>, … give pairs of an old value and the new one that it has to become.</summary>
    public string Source(int pairs, int valuesEach)
    {
        var methods = new StringBuilder();
        for (var i = 0; i < pairs; i++)
        {
            var (old, now, value) = Object(0);
            methods.Append($"    public static IEnumerable<({old} Old, {now} New)> Pair{i}()\n    {{\n");
            for (var j = 0; j < valuesEach; j++)
            {
                var (before, after) = value();
                methods.Append($"        yield return ({before}, {after});\n");
            }

            methods.Append("    }\n");
        }

        return $"{_source}public static class Versions\n{{\n{methods}}}\n";
    }

    /// <summary>A type in two versions, and a maker of values in both.</summary>
    private (string Old, string New, Func<(string Old, string New)> Value) Any(int depth)
    {
        switch (_random.Next(depth > 2 ? 6 : 10))
        {
            case 0 or 1:
                return Number();
            case 2:
                var same = _random.Next(4);
                return (Scalars[same].Type, Scalars[same].Type, () => Twice(Scalars[same].Value(_random)));
            case 3:
                return Enumeration();
            case 4:
                var (number, wide, literal) = Number();
                return (number + "?", wide + "?", () => _random.Next(3) == 0 ? ($"({number}?)null", $"({wide}?)null") : literal());
            case 5:
                (number, wide, literal) = Number();
                return (number, wide + "?", literal);
            case 6 or 7:
                return Object(depth + 1);
            case 8:
                var element = Any(depth + 1);
                // An array of bytes is one value, not a sequence.
                var (from, to) = (element.Old == "byte" ? 0 : _random.Next(3), element.New == "byte" ? 0 : _random.Next(3));
                return (Sequence(from, element.Old), Sequence(to, element.New), () => _random.Next(6) == 0 ? (Null(from, element.Old), Null(to, element.New)) : Filled(from, to, element));
            default:
                element = Any(depth + 1);
                return ($"Dictionary<string, {element.Old}>", $"Dictionary<string, {element.New}>", () =>
                {
                    var (a, b) = (element.Value(), element.Value());
                    return ($"new Dictionary<string, {element.Old}> {{ [\"a\"] = {a.Old}, [\"b\"] = {b.Old} }}", $"new Dictionary<string, {element.New}> {{ [\"a\"] = {a.New}, [\"b\"] = {b.New} }}");
                }
                );
        }
    }

    private static (string Type, Func<Random, string> Value)[] Scalars { get; } =
    [
        ("bool", static random => random.Next(2) == 0 ? "true" : "false"),
        ("string", static random => random.Next(5) == 0 ? "(string?)null" : $"\"{random.Next(1000)}√\""),
        ("decimal", static random => $"{random.Next()}.{random.Next(100):00}m"),
        ("DateTimeOffset", static random => $"DateTimeOffset.FromUnixTimeMilliseconds({random.NextInt64(1L << 40)}L)"),
    ];

    private static (string Old, string New) Twice(string value) => (value, value);

    private (string Old, string New, Func<(string Old, string New)> Value) Number()
    {
        var (type, wider) = _numbers[_random.Next(_numbers.Length)];
        var wide = _random.Next(3) == 0 ? type : wider[_random.Next(wider.Length)];
        return (type, wide, () =>
        {
            var literal = type == "float" ? _random.NextSingle().ToString("R", CultureInfo.InvariantCulture) + "f" : Whole(type);
            return ($"({type})({literal})", $"({wide})({type})({literal})");
        }
        );
    }

    private string Whole(string type)
    {
        (Int128 Low, Int128 High) range = type switch
        {
            "sbyte" => (sbyte.MinValue, sbyte.MaxValue),
            "short" => (short.MinValue, short.MaxValue),
            "int" => (int.MinValue, int.MaxValue),
            "long" => (long.MinValue, long.MaxValue),
            "byte" => (0, byte.MaxValue),
            "ushort" => (0, ushort.MaxValue),
            "uint" => (0, uint.MaxValue),
            _ => (0, ulong.MaxValue),
        };
        var value = _random.Next(8) switch
        {
            0 => range.Low,
            1 => range.High,
            _ => Int128.Clamp(_random.NextInt64(long.MinValue, long.MaxValue) >> _random.Next(64), range.Low, range.High),
        };
        return value == long.MinValue ? "long.MinValue" : value.ToString(CultureInfo.InvariantCulture);
    }

    private (string Old, string New, Func<(string Old, string New)> Value) Enumeration()
    {
        var (old, now) = ($"E{_names++}", $"E{_names++}");
        var isWider = _random.Next(2) == 0;
        _source.Append($"public enum {old} : byte {{ A, B, C = 200 }}\npublic enum {now} : {(isWider ? "int" : "byte")} {{ First, B, C = 200, Added = 201 }}\n");
        return _random.Next(4) switch
        {
            0 => (old, isWider ? "long" : "byte", () => _random.Next(2) == 0 ? ($"{old}.C", isWider ? "200L" : "(byte)200") : ($"{old}.A", isWider ? "0L" : "(byte)0")),
            1 => ("byte", now, () => _random.Next(2) == 0 ? ("(byte)200", $"{now}.C") : ("(byte)7", $"({now})7")),
            _ => (old, now, () => _random.Next(2) == 0 ? ($"{old}.C", $"{now}.C") : ($"{old}.A", $"{now}.First")),
        };
    }

    private static string Sequence(int kind, string element) => kind switch
    {
        0 => $"List<{element}>",
        1 => $"{element}[]",
        _ => $"System.Collections.Immutable.ImmutableArray<{element}>",
    };

    private static string Null(int kind, string element) => kind == 2 ? $"default({Sequence(kind, element)})" : $"({Sequence(kind, element)}?)null";

    private (string Old, string New) Filled(int from, int to, (string Old, string New, Func<(string Old, string New)> Value) element)
    {
        var items = Enumerable.Range(0, _random.Next(4)).Select(_ => element.Value()).ToList();
        return (
            $"({Sequence(from, element.Old)})[{string.Join(", ", items.Select(static item => item.Old))}]",
            $"({Sequence(to, element.New)})[{string.Join(", ", items.Select(static item => item.New))}]");
    }

    private (string Old, string New, Func<(string Old, string New)> Value) Object(int depth)
    {
        var (old, now) = ($"Old{_names}", $"New{_names++}");
        List<Member> members = [.. Enumerable.Range(0, _random.Next(1, 6)).Select(_ => NewMember(depth))];
        Declare(old, members.Where(static m => m.Before is not null), static m => m.OldType, static m => m.Before!, static _ => ""); // filtered
        Declare(now, members.Where(static m => m.After is not null).OrderBy(static m => m.Default is not null), static m => m.NewType, static m => m.After!, static m =>
            m.Before is null ? "[NewMember]" : m.Before != m.After ? $"[RenamedFrom(\"Never\", \"{m.Before}\")]" : "");
        return (old, now, () =>
        {
            var values = members.Select(static m => m.Value()).ToList();
            var before = members.Zip(values).Where(static each => each.First.Before is not null).Select(static each => $"{each.First.Before} = {each.Second.Old}");
            var after = members.Zip(values).Where(static each => each.First.After is not null).Select(static each => $"{each.First.After} = {(each.First.Before is null ? each.First.Default ?? $"default({each.First.NewType})" : each.Second.New)}");
            return ($"{old}.Empty with {{ {string.Join(", ", before)} }}", $"{now}.Empty with {{ {string.Join(", ", after)} }}");
        }
        );
    }

    private Member NewMember(int depth)
    {
        var (old, now, value) = Any(depth);
        var name = $"{(char)('A' + _random.Next(26))}{_names++}";
        return _random.Next(6) switch
        {
            0 => new Member(name, null, old, now, value, null),
            1 => new Member(null, name, old, now, value, null),
            2 => new Member(null, name, "int", "int?", static () => ("0", "0"), "17"),
            3 => new Member(name, $"{(char)('A' + _random.Next(26))}{_names++}", old, now, value, null),
            _ => new Member(name, name, old, now, value, null),
        };
    }

    /// <summary>A record, record struct or plain class; members by constructor or by setters, in any order.</summary>
    private void Declare(string name, IEnumerable<Member> members, Func<Member, string> type, Func<Member, string> called, Func<Member, string> attribute)
    {
        var list = members.ToList();
        var kind = _random.Next(2) == 0 ? "record" : "record struct";
        if (_random.Next(2) == 0)
        {
            var parameters = list.Select(m => $"{attribute(m)} {Nullable(type(m))} {called(m)}{(m.Default is null || m.Before is not null ? "" : $" = {m.Default}")}");
            var nothing = string.Join(", ", list.Select(m => $"default({type(m)})!"));
            _source.Append($"[StreamType] public {kind} {name}({string.Join(", ", parameters)}) {{ public static {name} Empty => new({nothing}); }}\n");
            return;
        }

        _source.Append($"[StreamType] public {kind} {name}\n{{\n    public {name}() {{ }}\n    public static {name} Empty => new();\n");
        foreach (var member in list)
        {
            _source.Append($"    {attribute(member)} public {Nullable(type(member))} {called(member)} {{ get; {(_random.Next(2) == 0 ? "init" : "set")}; }}");
            _source.Append(member.Default is null || member.Before is not null ? "\n" : $" = {member.Default};\n");
        }

        _source.Append("}\n");

        static string Nullable(string type) => type is "string" || type.EndsWith("[]", StringComparison.Ordinal) || type.StartsWith("List", StringComparison.Ordinal) || type.StartsWith("Dict", StringComparison.Ordinal) ? type + "?" : type;
    }

    /// <param name="Before">Its name in the old version; null for one that is new.</param>
    /// <param name="After">Its name in the new version; null for one that is gone.</param>
    /// <param name="OldType">Its type in the old version.</param>
    /// <param name="NewType">Its type in the new version.</param>
    /// <param name="Value">Makes a value in both.</param>
    /// <param name="Default">Of a new one: its declared default; null if none is.</param>
    private sealed record Member(string? Before, string? After, string OldType, string NewType, Func<(string Old, string New)> Value, string? Default);
}
