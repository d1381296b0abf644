using System.Text;

namespace StreamKit.Serialization;

/// <summary>Names of types as a C# programmer writes them.</summary>
internal static class TypeName
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(char)] = "char",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    public static string Of(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;

        if (type.IsArray)
            return $"{Of(type.GetElementType() ?? typeof(object))}[{new string(',', type.GetArrayRank() - 1)}]";

        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Of(underlying) + "?";

        if (!type.IsGenericType)
            return type.Name;

        var text = new StringBuilder();
        var isTuple = type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true;
        if (!isTuple)
            text.Append(type.Name.Split('`')[0]);

        text.Append(isTuple ? '(' : '<');
        text.AppendJoin(", ", type.GetGenericArguments().Select(Of));
        return text.Append(isTuple ? ')' : '>').ToString();
    }
}
