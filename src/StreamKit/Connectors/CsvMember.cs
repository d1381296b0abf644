using System.Linq.Expressions;
using System.Numerics;
using System.Reflection;

namespace StreamKit.Connectors;

/// <summary>A constructor parameter or property that is read from a CSV field: its column's name, and the call that reads it.</summary>
/// <param name="Name">The member's name.</param>
/// <param name="Type">Its type.</param>
/// <param name="AdmitsNull">True when an empty field is null.</param>
/// <param name="IsOptional">True when the column may be missing.</param>
/// <param name="Default">The value then, for a parameter.</param>
/// <param name="Property">The property; null for a parameter.</param>
internal sealed record CsvMember(string Name, Type Type, bool AdmitsNull, bool IsOptional, object? Default, PropertyInfo? Property)
{
    public static CsvMember Of(ParameterInfo parameter, NullabilityInfoContext nullability) =>
        new(parameter.Name ?? "", parameter.ParameterType, Admits(parameter.ParameterType, nullability.Create(parameter)), parameter.HasDefaultValue, parameter.HasDefaultValue ? parameter.DefaultValue : null, null);

    public static CsvMember Of(PropertyInfo property, NullabilityInfoContext nullability)
    {
        bool isRequired = property.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute));
        return new(property.Name, property.PropertyType, Admits(property.PropertyType, nullability.Create(property)), !isRequired, null, property);
    }

    /// <summary>What an optional parameter without a column gets.</summary>
    public Expression Missing => Default is null ? Expression.Default(Type) : Expression.Convert(Expression.Constant(Default), Type);

    public bool IsSupported => ReaderOf(Nullable.GetUnderlyingType(Type) ?? Type) is not null;

    /// <summary>The expression that reads the member from a row's column.</summary>
    public Expression Read(Expression row, int column)
    {
        Type type = Nullable.GetUnderlyingType(Type) ?? Type;
        ConstantExpression index = Expression.Constant(column);
        Expression value = Expression.Call(row, ReaderOf(type)!, index); // checked by IsSupported
        if (!AdmitsNull)
            return value;

        // A quoted empty field is a string; for every other type it is as empty as one without quotes.
        Expression isNull = Expression.Call(row, type == typeof(string) ? nameof(CsvRow.IsNull) : nameof(CsvRow.IsEmpty), null, index);
        return Expression.Condition(isNull, Expression.Default(Type), Expression.Convert(value, Type));
    }

    private static bool Admits(Type type, NullabilityInfo nullability) =>
        type.IsValueType ? Nullable.GetUnderlyingType(type) is not null : nullability.WriteState == NullabilityState.Nullable || nullability.ReadState == NullabilityState.Nullable;

    private static MethodInfo? ReaderOf(Type type)
    {
        if (type.IsEnum)
            return Generic(nameof(CsvRow.ReadEnum), type);
        string? special = Type.GetTypeCode(type) switch
        {
            TypeCode.String => nameof(CsvRow.ReadString),
            TypeCode.Int64 => nameof(CsvRow.ReadInt64),
            TypeCode.Int32 => nameof(CsvRow.ReadInt32),
            TypeCode.Decimal => nameof(CsvRow.ReadDecimal),
            TypeCode.Boolean => nameof(CsvRow.ReadBoolean),
            TypeCode.Char => nameof(CsvRow.ReadChar),
            TypeCode.DateTime => nameof(CsvRow.ReadDateTime),
            _ => type == typeof(DateTimeOffset) ? nameof(CsvRow.ReadDateTimeOffset) : null,
        };
        if (special is not null)
            return typeof(CsvRow).GetMethod(special);
        if (type.IsValueType && Implements(type, typeof(INumberBase<>)))
            return Generic(nameof(CsvRow.ReadNumber), type);
        if (Implements(type, typeof(IUtf8SpanParsable<>)))
            return Generic(nameof(CsvRow.ReadUtf8), type);
        return Implements(type, typeof(ISpanParsable<>)) ? Generic(nameof(CsvRow.ReadText), type) : null;
    }

    private static bool Implements(Type type, Type open) =>
        type.GetInterfaces().Any(each => each.IsGenericType && each.GetGenericTypeDefinition() == open && each.GenericTypeArguments[0] == type);

    private static MethodInfo Generic(string name, Type type) => typeof(CsvRow).GetMethod(name)!.MakeGenericMethod(type); // a method of ours
}
