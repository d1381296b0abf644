using System.Text;

namespace StreamKit.State;

/// <summary>Names of types for manifests and messages: with their namespace and type arguments, without assemblies and versions.</summary>
internal static class TypeNames
{
    /// <summary>The name of a type, such as <c>System.ValueTuple&lt;System.Int64, System.String&gt;</c>.</summary>
    public static string Of(Type type)
    {
        var name = new StringBuilder();
        Append(type, name);
        return name.ToString();
    }

    private static void Append(Type type, StringBuilder name)
    {
        if (type.IsArray)
        {
            Append(type.GetElementType()!, name); // an array has one
            name.Append('[').Append(',', type.GetArrayRank() - 1).Append(']');
            return;
        }

        if (!type.IsGenericType)
        {
            name.Append(type.FullName ?? type.Name);
            return;
        }

        string definition = type.GetGenericTypeDefinition().FullName ?? type.Name;
        name.Append(definition.Replace("`" + type.GetGenericArguments().Length, "")).Append('<');
        foreach ((int i, Type argument) in type.GetGenericArguments().Index())
        {
            if (i > 0)
                name.Append(", ");
            Append(argument, name);
        }

        name.Append('>');
    }
}
