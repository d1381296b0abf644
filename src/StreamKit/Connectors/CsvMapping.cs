using System.Linq.Expressions;
using System.Reflection;

namespace StreamKit.Connectors;

/// <summary>How the columns of a CSV file become a <typeparamref name="T"/>: compiled once for every different header.</summary>
/// <param name="Columns">The names of the columns.</param>
/// <param name="Read">Makes the value of a row, which has as many fields as there are columns.</param>
internal sealed record CsvMapping<T>(string[] Columns, Func<CsvRow, T> Read)
{
    /// <summary>For a file without a header, thus without records.</summary>
    public static CsvMapping<T> Empty { get; } = new([], static _ => throw new InvalidOperationException("An empty file has no records."));

    public static IEnumerable<string> Validate(CsvOptions options)
    {
        CsvShape shape = CsvShape.Of(typeof(T));
        if (shape.Problem is not null)
            return [shape.Problem];
        var problems = new List<string>();
        IEnumerable<CsvMember> members = [.. shape.Parameters, .. shape.Properties];
        foreach (string name in options.ColumnNames.Keys)
        {
            if (!members.Any(member => string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase)))
                problems.Add($"ColumnNames maps the member '{name}', which '{typeof(T).Name}' does not have; its members: {string.Join(", ", members.Select(each => each.Name))}.");
        }

        if (!options.HasHeader)
        {
            try
            {
                Of([.. ColumnsWithoutHeader(options)], options, "");
            }
            catch (StreamKitException e)
            {
                problems.Add(e.Message);
            }
        }

        return problems;
    }

    public static IEnumerable<string> ColumnsWithoutHeader(CsvOptions options)
    {
        if (options.Columns is not null)
            return options.Columns;
        CsvShape shape = CsvShape.Of(typeof(T));
        return (shape.Parameters.Count > 0 ? shape.Parameters : shape.Properties).Select(each => ColumnOf(each, options));
    }

    /// <exception cref="StreamKitException">A member has no column, or more than one.</exception>
    public static CsvMapping<T> Of(string[] columns, CsvOptions options, string path)
    {
        CsvShape shape = CsvShape.Of(typeof(T));
        if (shape.Problem is not null)
            throw new StreamKitException(shape.Problem);
        ParameterExpression row = Expression.Parameter(typeof(CsvRow), "row");
        Expression[] arguments = [.. shape.Parameters.Select(each => Value(each) ?? each.Missing)];
        NewExpression made = shape.Constructor is null ? Expression.New(typeof(T)) : Expression.New(shape.Constructor, arguments);
        var bindings = new List<MemberBinding>();
        foreach (CsvMember member in shape.Properties)
        {
            if (Value(member) is { } value)
                bindings.Add(Expression.Bind(member.Property!, value)); // properties have one
        }

        Expression body = bindings.Count == 0 ? made : Expression.MemberInit(made, bindings);
        return new CsvMapping<T>(columns, Expression.Lambda<Func<CsvRow, T>>(body, row).Compile());

        Expression? Value(CsvMember member)
        {
            string name = ColumnOf(member, options);
            int column = Array.FindIndex(columns, each => string.Equals(each, name, StringComparison.OrdinalIgnoreCase));
            if (column >= 0 && Array.FindIndex(columns, column + 1, each => string.Equals(each, name, StringComparison.OrdinalIgnoreCase)) is >= 0 and int second)
                throw new StreamKitException($"The columns {column + 1} and {second + 1} of '{path}' are both named '{name}' (case does not matter), so it is not clear which is '{member.Name}' of '{typeof(T).Name}'. Rename one.") { IsPermanent = true };
            if (column >= 0 && !member.IsSupported)
                throw new StreamKitException(CsvShape.Unsupported(typeof(T), member));
            if (column >= 0)
                return member.Read(row, column);
            if (member.IsOptional)
                return null;
            throw new StreamKitException($"{(path.Length == 0 ? "There" : $"In '{path}' there")} is no column '{name}' for '{member.Name}' of '{typeof(T).Name}'; the columns: {string.Join(", ", columns)}. Rename the column, set {nameof(CsvOptions)}.{nameof(CsvOptions.ColumnNames)}[\"{member.Name}\"], or make the member optional.") { IsPermanent = true };
        }
    }

    private static string ColumnOf(CsvMember member, CsvOptions options) => options.ColumnNames.TryGetValue(member.Name, out string? column) ? column : member.Name;
}
