using System.Linq.Expressions;
using System.Reflection;

namespace StreamKit.Serialization;

/// <summary>Makes the code that reads and writes members by expression trees: no boxing, one call per member.</summary>
internal static class MemberCompiler
{
    private static readonly MethodInfo WriteHeader = Method(typeof(MessagePackWriter), nameof(MessagePackWriter.WriteArrayHeader), typeof(int));
    private static readonly MethodInfo Expect = typeof(Parts).GetMethod(nameof(Parts.Expect)) ?? throw Missing(typeof(Parts), nameof(Parts.Expect));

    // The plain serializers only pass the value on: the call on the writer or reader itself takes their place.
    private static readonly Dictionary<Type, (MethodInfo Write, MethodInfo Read)> Direct = new()
    {
        [typeof(BooleanSerializer)] = Pair(typeof(bool), nameof(MessagePackReader.ReadBoolean)),
        [typeof(SByteSerializer)] = Pair(typeof(long), nameof(MessagePackReader.ReadSByte)),
        [typeof(Int16Serializer)] = Pair(typeof(long), nameof(MessagePackReader.ReadInt16)),
        [typeof(Int32Serializer)] = Pair(typeof(long), nameof(MessagePackReader.ReadInt32)),
        [typeof(Int64Serializer)] = Pair(typeof(long), nameof(MessagePackReader.ReadInt64)),
        [typeof(ByteSerializer)] = Pair(typeof(ulong), nameof(MessagePackReader.ReadByte)),
        [typeof(UInt16Serializer)] = Pair(typeof(ulong), nameof(MessagePackReader.ReadUInt16)),
        [typeof(UInt32Serializer)] = Pair(typeof(ulong), nameof(MessagePackReader.ReadUInt32)),
        [typeof(UInt64Serializer)] = Pair(typeof(ulong), nameof(MessagePackReader.ReadUInt64)),
        [typeof(SingleSerializer)] = Pair(typeof(float), nameof(MessagePackReader.ReadSingle)),
        [typeof(DoubleSerializer)] = Pair(typeof(double), nameof(MessagePackReader.ReadDouble)),
        [typeof(StringSerializer)] = Pair(typeof(string), nameof(MessagePackReader.ReadString)),
    };

    public static WriteMembers<T> Write<T>(ObjectShape shape, object[] serializers)
    {
        var writer = Expression.Parameter(typeof(MessagePackWriter).MakeByRefType(), "writer");
        var value = Expression.Parameter(typeof(T), "value");
        var body = new List<Expression> { Expression.Call(writer, WriteHeader, Expression.Constant(shape.Members.Count)) };
        for (var i = 0; i < shape.Members.Count; i++)
        {
            var member = Access(value, shape.Members[i]);
            var serializer = serializers[i].GetType();
            body.Add(Direct.TryGetValue(serializer, out var direct)
                ? Expression.Call(writer, direct.Write, Expression.Convert(member, direct.Write.GetParameters()[0].ParameterType))
                : Expression.Call(Expression.Constant(serializers[i]), Method(serializer, "Write", typeof(MessagePackWriter).MakeByRefType(), shape.Members[i].Type), writer, member));
        }

        return Expression.Lambda<WriteMembers<T>>(Expression.Block(typeof(void), body), writer, value).Compile();
    }

    public static ReadMembers<T> Read<T>(ObjectShape shape, object[] serializers)
    {
        var reader = Expression.Parameter(typeof(MessagePackReader).MakeByRefType(), "reader");
        var members = shape.Members.Select(m => Expression.Variable(m.Type, m.Name)).ToArray();
        var value = Expression.Variable(typeof(T), "value");
        var body = new List<Expression>
        {
            Expression.Call(Expect, reader, Expression.Constant(members.Length), Expression.Constant(TypeName.Of(typeof(T)))),
        };
        for (var i = 0; i < members.Length; i++)
        {
            var serializer = serializers[i].GetType();
            body.Add(Expression.Assign(members[i], Direct.TryGetValue(serializer, out var direct)
                ? Expression.Call(reader, direct.Read)
                : Expression.Call(Expression.Constant(serializers[i]), Method(serializer, "Read", typeof(MessagePackReader).MakeByRefType()), reader)));
        }

        body.Add(Expression.Assign(value, Make(typeof(T), shape, members)));
        for (var i = 0; i < members.Length; i++)
        {
            if (!shape.Arguments.Contains(i))
                body.Add(Set(value, shape.Members[i], members[i]));
        }

        body.Add(value);
        return Expression.Lambda<ReadMembers<T>>(Expression.Block([.. members, value], body), reader).Compile();
    }

    private static Expression Make(Type type, ObjectShape shape, ParameterExpression[] members)
    {
        if (shape.Constructor is not { } constructor)
            return Expression.Default(type);

        var parameters = constructor.GetParameters();
        return Expression.New(constructor, shape.Arguments.Select((member, i) => (Expression)Expression.Convert(members[member], parameters[i].ParameterType)));
    }

    private static MemberExpression Access(Expression value, ObjectMember member) =>
        member.Info is PropertyInfo property ? Expression.Property(value, property) : Expression.Field(value, (FieldInfo)member.Info);

    private static Expression Set(Expression target, ObjectMember member, Expression value) =>
        member.Info is PropertyInfo { SetMethod: { } setter } ? Expression.Call(target, setter, value) : Expression.Assign(Access(target, member), value);

    private static (MethodInfo Write, MethodInfo Read) Pair(Type written, string read) =>
        (Method(typeof(MessagePackWriter), nameof(MessagePackWriter.Write), written), Method(typeof(MessagePackReader), read));

    private static MethodInfo Method(Type type, string name, params Type[] parameters) => type.GetMethod(name, parameters) ?? throw Missing(type, name);

    private static StreamSerializationException Missing(Type type, string name) => new($"The method '{name}' of '{type}' is not there. Do not trim StreamKit's assembly.");
}
