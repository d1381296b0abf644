using System.Linq.Expressions;
using System.Text.Json;

namespace StreamKit.Connectors;

/// <summary>CSV with a header, a column per member.</summary>
internal sealed class CsvRows<T>(FileSinkOptions options) : RowFormat<T>
{
    private static readonly IReadOnlyList<CsvColumn> s_columns = CsvColumn.Of(typeof(T));
    private static readonly Lazy<Action<CsvLine, T>> s_write = new(Compile);

    public override string FileExtension => ".csv";

    public override IEnumerable<string> Validate()
    {
        if (typeof(T).IsPrimitive || typeof(T) == typeof(string) || s_columns.Count == 0)
            yield return $"'{typeof(T)}' cannot be written as CSV: it has no public properties or fields to make columns of. Use a record with a member per column.";
        foreach (CsvColumn column in s_columns)
        {
            if (column.Writer is null)
                yield return $"'{typeof(T)}' cannot be written as CSV: '{column.Name}' is a '{column.Type}', which does not format itself as text. Use a number, text, time, enum, or a type that implements IFormattable, or write JSON lines.";
        }
    }

    public override RowWriter<T> CreateWriter() => new Writer(s_write.Value, (byte)options.Delimiter);

    private static Action<CsvLine, T> Compile()
    {
        ParameterExpression line = Expression.Parameter(typeof(CsvLine), "line");
        ParameterExpression value = Expression.Parameter(typeof(T), "value");
        IEnumerable<Expression> fields = s_columns.Select(column => column.Write(line, value));
        return Expression.Lambda<Action<CsvLine, T>>(Expression.Block(fields), line, value).Compile();
    }

    private sealed class Writer(Action<CsvLine, T> write, byte delimiter) : RowWriter<T>
    {
        private readonly CsvLine _line = new(delimiter);

        public override void WriteHeader(RowBuffer target)
        {
            _line.Begin(target);
            foreach (CsvColumn column in s_columns)
                _line.WriteText(JsonNamingPolicy.CamelCase.ConvertName(column.Name));
            _line.End();
        }

        public override void Write(RowBuffer target, T value)
        {
            _line.Begin(target);
            write(_line, value);
            _line.End();
        }

        public override void Dispose()
        {
        }
    }
}
