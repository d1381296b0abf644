using System.Linq.Expressions;
using System.Reflection;

namespace StreamKit.Connectors;

/// <summary>A property or field that is written as a CSV column.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Member">The property or field.</param>
/// <param name="Writer">The method of <see cref="CsvLine"/> that writes it; null when none can.</param>
internal sealed record CsvColumn(string Name, Type Type, MemberInfo Member, MethodInfo? Writer)
{
    /// <summary>In the order of declaration, those of base types first.</summary>
    public static IReadOnlyList<CsvColumn> Of(Type type)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        var columns = new List<CsvColumn>();
        foreach (Type level in Levels(type).Reverse())
        {
            IEnumerable<PropertyInfo> properties = level.GetProperties(Declared).Where(each => each.GetMethod is { IsPublic: true } && each.GetIndexParameters().Length == 0);
            columns.AddRange(properties.OrderBy(each => each.MetadataToken).Select(each => new CsvColumn(each.Name, each.PropertyType, each, WriterOf(each.PropertyType))));
            columns.AddRange(level.GetFields(Declared).OrderBy(each => each.MetadataToken).Select(each => new CsvColumn(each.Name, each.FieldType, each, WriterOf(each.FieldType))));
        }

        // An override replaces what it overrides.
        return [.. columns.GroupBy(each => each.Name).Select(same => same.Last())];
    }

    public Expression Write(Expression line, Expression value)
    {
        Expression member = Expression.MakeMemberAccess(value, Member);
        Type? underlying = Nullable.GetUnderlyingType(Type);
        if (underlying is null)
            return Expression.Call(line, Writer!, member); // checked by the sink's validation
        return Expression.IfThenElse(
            Expression.Property(member, nameof(Nullable<int>.HasValue)),
            Expression.Call(line, Writer!, Expression.Property(member, nameof(Nullable<int>.Value))), // as above
            Expression.Call(line, nameof(CsvLine.WriteNull), null));
    }

    private static IEnumerable<Type> Levels(Type type)
    {
        for (Type? level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
            yield return level;
    }

    private static MethodInfo? WriterOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
            return typeof(CsvLine).GetMethod(nameof(CsvLine.WriteText));
        if (type == typeof(bool))
            return typeof(CsvLine).GetMethod(nameof(CsvLine.WriteBoolean));
        if (type == typeof(DateTime))
            return typeof(CsvLine).GetMethod(nameof(CsvLine.WriteDateTime));
        if (type == typeof(DateTimeOffset))
            return typeof(CsvLine).GetMethod(nameof(CsvLine.WriteDateTimeOffset));
        if (type == typeof(DateOnly))
            return typeof(CsvLine).GetMethod(nameof(CsvLine.WriteDateOnly));
        if (type == typeof(TimeOnly))
            return typeof(CsvLine).GetMethod(nameof(CsvLine.WriteTimeOnly));
        if (type.IsEnum)
            return Generic(nameof(CsvLine.WriteEnum), type);
        if (type.IsValueType && typeof(IUtf8SpanFormattable).IsAssignableFrom(type))
            return Generic(nameof(CsvLine.WriteUtf8), type);
        return typeof(IFormattable).IsAssignableFrom(type) ? Generic(nameof(CsvLine.WriteFormattable), type) : null;
    }

    private static MethodInfo Generic(string name, Type type) => typeof(CsvLine).GetMethod(name)!.MakeGenericMethod(type); // a method of ours
}
