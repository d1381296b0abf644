using StreamKit.Checkpoints;
using StreamKit.State;

namespace StreamKit.StateProcessing;

/// <summary>Finds the state that a query asks for, or says what there is instead.</summary>
internal static class QueryableStates
{
    /// <exception cref="StreamKitException">There is no such state, or it cannot be queried.</exception>
    public static StateDescriptor Find(OperatorManifest stored, string name)
    {
        StateDescriptor state = stored.States.FirstOrDefault(each => each.Name == name)
            ?? throw new StreamKitException($"Operator '{stored.Name}' has no keyed state '{name}'. {Listing(stored)}");
        return IsQueryable(state)
            ? state
            : throw new StreamKitException($"State '{name}' of operator '{stored.Name}' cannot be queried: timers and windows cannot. Read them from a savepoint with StateReader. {Listing(stored)}");
    }

    /// <exception cref="StreamKitException">The state is of another kind or type than is asked for.</exception>
    public static void ThrowIfOther(OperatorManifest stored, StateDescriptor state, StateSignature wanted)
    {
        if (wanted.WhyNotOfKind(state.Kind) is not null)
        {
            throw new StreamKitException($"State '{state.Name}' of operator '{stored.Name}' is {KindOf(state.Kind)} state: ask for it with {VerbOf(state.Kind)}. {Listing(stored)}");
        }

        if (wanted.WhyNot(state) is { } refusal)
        {
            throw new StreamKitException($"Operator '{stored.Name}': {refusal} {Listing(stored)}");
        }
    }

    private static bool IsQueryable(StateDescriptor state) => state.Kind is not (StateKind.Timers or StateKind.Window);

    // Whether it expires is nothing that a query has to know.
    private static string KindOf(StateKind kind) => EntryReaders.KindOf(kind).Replace("withttl", "", StringComparison.Ordinal);

    private static string VerbOf(StateKind kind) => kind switch
    {
        StateKind.List or StateKind.ListWithTtl => nameof(StateQueries.QueryLists),
        StateKind.Map or StateKind.MapWithTtl => nameof(StateQueries.QueryMaps),
        _ => nameof(StateQueries.QueryValues),
    };

    private static string Listing(OperatorManifest stored)
    {
        string states = string.Join(", ", stored.States.Where(IsQueryable).Select(static each => $"'{each.Name}' ({KindOf(each.Kind)} of {each.Schema})"));
        return states.Length == 0 ? "It has none that can be queried." : $"It has: {states}; keys are {stored.Key}.";
    }
}
