using System.Reflection;

namespace StreamKit.Graph;

/// <summary>Finds state that cannot be serialized before the job runs: by the types of an operator's state, or of the handles that a function keeps in its fields.</summary>
internal static class StateFields
{
    private static readonly Type[] s_handles = [typeof(ValueState<>), typeof(ListState<>), typeof(MapState<,>), typeof(ReducingState<>)];

    public static IEnumerable<string> Check(string operatorName, Type stateType, SerializerRegistry serializers) =>
        serializers.Check(stateType).Select(problem => $"Operator '{operatorName}': {problem}");

    public static IEnumerable<string> Check(string operatorName, object? function, SerializerRegistry serializers)
    {
        if (function is null)
            return [$"Operator '{operatorName}': the factory returned null. Return a new function each time."];
        return HandleFields(function.GetType())
            .SelectMany(field => field.FieldType.GetGenericArguments().SelectMany(serializers.Check).Select(problem => $"Operator '{operatorName}', state '{field.Name}': {problem}"));
    }

    private static IEnumerable<FieldInfo> HandleFields(Type type)
    {
        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
        {
            foreach (var field in at.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (field.FieldType.IsGenericType && s_handles.Contains(field.FieldType.GetGenericTypeDefinition()))
                    yield return field;
            }
        }
    }
}
