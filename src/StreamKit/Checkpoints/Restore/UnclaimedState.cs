using System.Globalization;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>State in a checkpoint that no operator of the job takes over, in words. Pure.</summary>
internal static class UnclaimedState
{
    /// <summary>An operator that the job does not have.</summary>
    /// <param name="stored">The operator.</param>
    /// <param name="sizes">The keyed states that have rows, by id.</param>
    /// <returns>What stands against the start; null when nothing of it has any content.</returns>
    public static string? OfOperator(OperatorManifest stored, IReadOnlyDictionary<int, StateSize> sizes)
    {
        List<string> states = [.. Keyed(stored.States, sizes), .. Lists(stored)];
        return states.Count == 0
            ? null
            : $"The checkpoint holds state of operator '{stored.Name}', but the job has no operator of that name: {string.Join("; ", states)}. "
                + $"If the operator was renamed, say so with MapState(\"{stored.Name}\", \"the new name\"). If its state is to be dropped, set AllowNonRestoredState.";
    }

    /// <summary>States that their operator does not declare any more.</summary>
    /// <param name="operatorName">The operator.</param>
    /// <param name="states">The states that it does not declare.</param>
    /// <param name="sizes">The states that have rows, by id.</param>
    /// <returns>What stands against the start; null when none of them has rows.</returns>
    public static string? OfStates(string operatorName, IEnumerable<StateDescriptor> states, IReadOnlyDictionary<int, StateSize> sizes)
    {
        List<string> left = [.. Keyed(states, sizes)];
        return left.Count == 0
            ? null
            : $"The checkpoint holds state that operator '{operatorName}' does not declare: {string.Join("; ", left)}. "
                + "Declare it while the operator opens, as it was before. If it is to be dropped, set AllowNonRestoredState.";
    }

    /// <summary>The names of all that would be dropped, for a log.</summary>
    public static string Names(OperatorManifest stored) =>
        string.Join(", ", stored.States.Select(static each => each.Name).Concat(stored.Lists.Keys.Order(StringComparer.Ordinal)).Select(static each => $"'{each}'"));

    private static IEnumerable<string> Keyed(IEnumerable<StateDescriptor> states, IReadOnlyDictionary<int, StateSize> sizes) =>
        states.Where(each => sizes.ContainsKey(each.Id)).Select(each => $"{Kind(each.Kind)} '{each.Name}' of {each.Schema} ({sizes[each.Id]})");

    private static IEnumerable<string> Lists(OperatorManifest stored)
    {
        foreach ((string name, TypeSchema schema) in stored.Lists.OrderBy(static each => each.Key, StringComparer.Ordinal))
        {
            List<ReadOnlyMemory<byte>> items = [.. stored.Subtasks.SelectMany(each => each.Lists.GetValueOrDefault(name) ?? [])];
            if (items.Count > 0)
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture, $"operator list '{name}' of {schema} ({items.Count:N0} {(items.Count == 1 ? "item" : "items")}, {items.Sum(static each => (long)each.Length):N0} bytes)");
            }
        }
    }

    private static string Kind(StateKind kind) => kind switch
    {
        StateKind.Timers => "timers",
        StateKind.Window => "windows",
        _ => $"{kind.ToString().ToLowerInvariant()} state",
    };
}
