using System.Reflection;
using System.Runtime.Serialization;

namespace StreamKit.Serialization;

/// <summary>One member of an object: a public property or field.</summary>
/// <param name="Name">Its name, by which it is known in schemas.</param>
/// <param name="Type">Its type.</param>
/// <param name="Info">The property or field.</param>
/// <param name="IsSettable">Whether it can be set from outside after construction; 'init' counts.</param>
internal sealed record ObjectMember(string Name, Type Type, MemberInfo Info, bool IsSettable)
{
    /// <summary>What the type says of the member's past.</summary>
    public MemberHistory History { get; init; } = MemberHistory.None;
}

/// <summary>
/// The members of a class, record or struct in wire order (ordinal by name), and how to make it again: by the constructor that, with the
/// setters, carries the most members; of several, by the one with the most parameters. Every field must be carried, so that nothing is lost unnoticed.
/// </summary>
internal sealed class ObjectShape
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private ObjectShape(Type type, ObjectMember[] members, ConstructorInfo? constructor, int[] arguments)
    {
        Type = type;
        Members = members;
        Constructor = constructor;
        Arguments = arguments;
    }

    public Type Type { get; }

    public IReadOnlyList<ObjectMember> Members { get; }

    /// <summary>The constructor; null for a struct made from its default.</summary>
    public ConstructorInfo? Constructor { get; }

    /// <summary>For each parameter of the constructor, the member that it takes.</summary>
    public IReadOnlyList<int> Arguments { get; }

    /// <summary>Whether some fields are left out on purpose.</summary>
    public bool LeavesFieldsOut { get; private init; }

    /// <summary>Looks at a type.</summary>
    /// <param name="type">A class or struct.</param>
    /// <param name="problems">Receives what would be lost or cannot be made again, as (member or empty, problem and remedy).</param>
    public static ObjectShape Of(Type type, List<(string Member, string Text)> problems)
    {
        var members = FindMembers(type, problems);
        if (FindConstructor(type, members, problems) is not var (constructor, arguments))
            return new ObjectShape(type, members, null, []);

        var carried = members.Where((m, i) => m.IsSettable || arguments.Contains(i)).ToArray();
        var leftOut = CheckFields(type, carried, problems);
        int[] renumbered = [.. arguments.Select(a => Array.IndexOf(carried, members[a]))];
        var parameters = constructor?.GetParameters() ?? [];
        for (var i = 0; i < carried.Length; i++)
        {
            var parameter = Array.IndexOf(renumbered, i);
            carried[i] = carried[i] with { History = HistoryOf(carried[i].Info, parameter < 0 ? null : parameters[parameter]) };
        }

        return new ObjectShape(type, carried, constructor, renumbered) { LeavesFieldsOut = leftOut };
    }

    private static MemberHistory HistoryOf(MemberInfo member, ParameterInfo? parameter)
    {
        var names = (member.GetCustomAttribute<RenamedFromAttribute>(inherit: false) ?? parameter?.GetCustomAttribute<RenamedFromAttribute>(inherit: false))?.Names ?? [];
        var isNew = member.IsDefined(typeof(NewMemberAttribute), inherit: false) || parameter?.IsDefined(typeof(NewMemberAttribute), inherit: false) == true;
        return names.Count == 0 && !isNew ? MemberHistory.None : new MemberHistory(names, isNew);
    }

    private static ObjectMember[] FindMembers(Type type, List<(string Member, string Text)> problems)
    {
        const BindingFlags Public = BindingFlags.Instance | BindingFlags.Public;
        var members = new List<ObjectMember>();
        foreach (var property in type.GetProperties(Public))
        {
            if (property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0 && !property.PropertyType.IsByRef && !IsIgnored(property))
                members.Add(new ObjectMember(property.Name, property.PropertyType, property, property.SetMethod is { IsPublic: true }));
        }

        foreach (var field in type.GetFields(Public))
        {
            if (!IsIgnored(field))
                members.Add(new ObjectMember(field.Name, field.FieldType, field, !field.IsInitOnly));
        }

        // Of members that hide each other the most derived comes first; whether that loses anything shows at the fields.
        return [.. members.DistinctBy(m => m.Name, StringComparer.Ordinal).OrderBy(m => m.Name, StringComparer.Ordinal)];
    }

    private static (ConstructorInfo? Constructor, int[] Arguments)? FindConstructor(Type type, ObjectMember[] members, List<(string Member, string Text)> problems)
    {
        ConstructorInfo? best = null;
        int[] bestArguments = [];
        var bestCarried = type.IsValueType ? members.Count(m => m.IsSettable) : -1;
        foreach (var constructor in type.GetConstructors().OrderBy(c => c.MetadataToken))
        {
            var parameters = constructor.GetParameters();
            int[] arguments = [.. parameters.Select(p => FindMember(p, members))];
            if (arguments.Contains(-1) || arguments.Distinct().Count() != arguments.Length)
                continue;

            var carried = members.Where((m, i) => m.IsSettable || arguments.Contains(i)).Count();
            if (carried > bestCarried || (carried == bestCarried && arguments.Length > bestArguments.Length))
                (best, bestArguments, bestCarried) = (constructor, arguments, carried);
        }

        if (bestCarried < 0)
        {
            problems.Add(("", $"the type '{TypeName.Of(type)}' cannot be made again: it has no public constructor whose parameters all have the name and type of a public member. " +
                "Add one; without parameters is fine, with public or 'init' setters."));
            return null;
        }

        return (best, bestArguments);
    }

    private static int FindMember(ParameterInfo parameter, ObjectMember[] members)
    {
        var found = -1;
        for (var i = 0; i < members.Length; i++)
        {
            if (!parameter.ParameterType.IsAssignableFrom(members[i].Type) || !string.Equals(parameter.Name, members[i].Name, StringComparison.OrdinalIgnoreCase))
                continue;

            if (found < 0 || parameter.Name == members[i].Name)
                found = i;
        }

        return found;
    }

    /// <summary>Every field of the type and its bases must belong to a member that is carried, or be left out on purpose.</summary>
    private static bool CheckFields(Type type, ObjectMember[] carried, List<(string Member, string Text)> problems)
    {
        var leftOut = false;
        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
        {
            if (level != type && TypeShape.IsOfTheFramework(level))
            {
                problems.Add(("", $"the type '{TypeName.Of(type)}' derives from '{TypeName.Of(level)}', whose content would be lost. Keep that as a member."));
                break;
            }

            var claimed = new HashSet<string>(StringComparer.Ordinal);
            foreach (var field in level.GetFields(Declared).OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                var property = PropertyOf(field.Name);
                if (carried.Any(m => Holds(field, property, level, m)) && claimed.Add(field.IsPublic ? field.Name : property))
                    continue;

                if (IsIgnored(field) || level.GetProperty(property, Declared) is { } owner && IsIgnored(owner))
                    leftOut = true;
                else
                    problems.Add((property, Lost(field, property, level != type && carried.Any(m => m.Name == property))));
            }
        }

        return leftOut;
    }

    /// <summary>Whether a field of one level of the type holds the value of a member: the member itself, or a property declared or overridden there.</summary>
    private static bool Holds(FieldInfo field, string property, Type level, ObjectMember member)
    {
        if (field.IsPublic)
            return member.Info.DeclaringType == level && member.Name == field.Name;

        return member.Info is PropertyInfo { GetMethod: { } getter } info
            && string.Equals(member.Name, property, StringComparison.OrdinalIgnoreCase)
            && level.IsAssignableFrom(info.DeclaringType)
            && getter.GetBaseDefinition().DeclaringType?.IsAssignableFrom(level) == true;
    }

    private static string Lost(FieldInfo field, string property, bool isHidden)
    {
        if (isHidden)
            return $"the value that '{TypeName.Of(field.DeclaringType ?? field.FieldType)}' keeps under this name is hidden by a member of the same name, so it would be lost. Rename one of them.";

        var what = field.Name.StartsWith('<') ? $"'{property}' can be read but not set" : $"the {(field.IsPublic ? "read-only" : "private")} field '{field.Name}' belongs to no public member";
        return $"{what}, so its value would be lost. Give it a public or 'init' setter or a constructor parameter named '{char.ToLowerInvariant(property[0])}{property[1..]}', " +
            "or mark it [IgnoreDataMember] if it may be lost.";
    }

    /// <summary>The member that a field stands for by its name: 'Total' for &lt;Total&gt;k__BackingField, &lt;Total&gt;P, _total, m_total and total.</summary>
    private static string PropertyOf(string field)
    {
        if (field.StartsWith('<') && field.IndexOf('>', StringComparison.Ordinal) is var end and > 1)
            return field[1..end];

        var name = field.StartsWith("m_", StringComparison.Ordinal) ? field[2..] : field.TrimStart('_');
        return name.Length > 0 ? name : field;
    }

    private static bool IsIgnored(MemberInfo member) =>
        member.IsDefined(typeof(IgnoreDataMemberAttribute), inherit: true) || member.IsDefined(typeof(NonSerializedAttribute), inherit: false);
}
