using System.Collections.Concurrent;
using System.Reflection;

namespace StreamKit.Connectors;

/// <summary>What of a type can be read from CSV: the constructor with the most parameters, and the properties that can be set besides.</summary>
/// <param name="Constructor">The constructor; null for a struct without one.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Properties">The settable properties that are none of the parameters.</param>
/// <param name="Problem">Why the type cannot be read; null when it can.</param>
internal sealed record CsvShape(ConstructorInfo? Constructor, IReadOnlyList<CsvMember> Parameters, IReadOnlyList<CsvMember> Properties, string? Problem)
{
    private static readonly ConcurrentDictionary<Type, CsvShape> s_shapes = new();

    public static CsvShape Of(Type type) => s_shapes.GetOrAdd(type, Find);

    public static string Unsupported(Type type, CsvMember member) =>
        $"'{type}' cannot be read from CSV: '{member.Name}' is a '{member.Type}', which no text stands for. Use a number, text, date, enum, or a type that implements ISpanParsable, or read JSON lines.";

    private static CsvShape Find(Type type)
    {
        var nullability = new NullabilityInfoContext();
        ConstructorInfo? constructor = type.GetConstructors().Where(each => !IsCopy(each, type)).OrderByDescending(each => each.GetParameters().Length).FirstOrDefault();
        List<CsvMember> parameters = [.. (constructor?.GetParameters() ?? []).Select(each => CsvMember.Of(each, nullability))];
        List<CsvMember> properties = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(each => each.SetMethod is { IsPublic: true } && each.GetIndexParameters().Length == 0 && !parameters.Any(parameter => string.Equals(parameter.Name, each.Name, StringComparison.OrdinalIgnoreCase)))
            .OrderBy(each => each.MetadataToken)
            .Select(each => CsvMember.Of(each, nullability))];
        return new CsvShape(constructor, parameters, properties, ProblemOf(type, constructor, parameters, properties));
    }

    private static string? ProblemOf(Type type, ConstructorInfo? constructor, List<CsvMember> parameters, List<CsvMember> properties)
    {
        if (type.IsAbstract || type.IsInterface || (constructor is null && !type.IsValueType))
            return $"'{type}' cannot be read from CSV: it has no public constructor. Use a record, class or struct with one.";
        if (type.IsPrimitive || type == typeof(string) || parameters.Count + properties.Count == 0)
            return $"'{type}' cannot be read from CSV: it has no constructor parameters and no settable properties to match columns with. Use a record with a member per column.";

        // A property that is not required matters only to a file that has a column for it.
        CsvMember? unsupported = parameters.Concat(properties).FirstOrDefault(each => !each.IsSupported && !(each.Property is not null && each.IsOptional));
        return unsupported is null ? null : Unsupported(type, unsupported);
    }

    private static bool IsCopy(ConstructorInfo constructor, Type type) => constructor.GetParameters() is [var only] && only.ParameterType == type;
}
