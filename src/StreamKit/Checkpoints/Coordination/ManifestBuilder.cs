using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>Puts what the subtasks contributed together by operator. Pure.</summary>
internal static class ManifestBuilder
{
    /// <exception cref="StreamKitException">The subtasks of an operator disagree about its key or states.</exception>
    public static IReadOnlyList<OperatorManifest> Build(IEnumerable<SubtaskSnapshot> snapshots)
    {
        var byName = new SortedDictionary<string, List<OperatorSnapshot>>(StringComparer.Ordinal);
        foreach (SubtaskSnapshot snapshot in snapshots)
        {
            foreach (OperatorSnapshot each in snapshot.Operators)
            {
                if (!byName.TryGetValue(each.OperatorName, out List<OperatorSnapshot>? parts))
                {
                    byName.Add(each.OperatorName, parts = []);
                }

                parts.Add(each);
            }
        }

        return [.. byName.Values.Select(Combine)];
    }

    private static OperatorManifest Combine(List<OperatorSnapshot> parts)
    {
        parts.Sort(static (a, b) => a.Subtask.CompareTo(b.Subtask));
        OperatorSnapshot first = parts[0];
        for (int i = 0; i < parts.Count; i++)
        {
            OperatorSnapshot part = parts[i];
            if (part.Subtask != i || part.Parallelism != parts.Count)
            {
                throw new StreamKitException(
                    $"Operator '{part.OperatorName}' contributed subtask {part.Subtask} of {part.Parallelism} to the checkpoint where subtask {i} of {parts.Count} was expected.");
            }

            if (part.Key?.Fingerprint != first.Key?.Fingerprint)
            {
                throw new StreamKitException($"Subtasks {first.Subtask} and {part.Subtask} of operator '{part.OperatorName}' disagree about its key type.");
            }
        }

        return new OperatorManifest
        {
            Name = first.OperatorName,
            Parallelism = parts.Count,
            Key = first.Key,
            States = States(parts),
            Schemas = Schemas(parts),
            NextStateId = parts.Max(p => p.NextStateId),
            Lists = Lists(parts),
            UnionLists = UnionLists(parts),
            Segments = [.. parts.SelectMany(p => p.Segments)],
            Subtasks = [.. parts.Select(p => new SubtaskManifest(p.Subtask, p.Watermark, p.Lists.ToDictionary(l => l.Key, l => l.Value.Items)))],
        };
    }

    private static Dictionary<string, TypeSchema> Lists(List<OperatorSnapshot> parts)
    {
        var schemas = new Dictionary<string, TypeSchema>();
        foreach (OperatorSnapshot part in parts)
        {
            foreach ((string name, ListSnapshot list) in part.Lists)
            {
                if (!schemas.TryAdd(name, list.Schema) && schemas[name].Fingerprint != list.Schema.Fingerprint)
                {
                    throw new StreamKitException(
                        $"Operator '{part.OperatorName}': list state '{name}' holds {schemas[name]} in one subtask and {list.Schema} in another. Declare it alike in every subtask.");
                }
            }
        }

        return schemas;
    }

    private static IReadOnlyList<string> UnionLists(List<OperatorSnapshot> parts)
    {
        ILookup<string, bool> kinds = parts.SelectMany(static part => part.Lists).ToLookup(static list => list.Key, static list => list.Value.IsUnion);
        if (kinds.FirstOrDefault(static kind => kind.Distinct().Count() > 1) is { } mixed)
        {
            throw new StreamKitException(
                $"Operator '{parts[0].OperatorName}': list state '{mixed.Key}' is a union list in one subtask and an ordinary one in another. Declare it alike in every subtask.");
        }

        return [.. kinds.Where(static kind => kind.First()).Select(static kind => kind.Key).Order(StringComparer.Ordinal)];
    }

    /// <summary>The generations that are still needed. All subtasks count on from the same checkpoint, so a number means the same to each.</summary>
    private static StoredSchemas Schemas(List<OperatorSnapshot> parts)
    {
        StoredSchemas newest = parts.MaxBy(static part => part.Schemas.Newest)!.Schemas; // an operator has at least one subtask
        HashSet<int> used = [.. parts.SelectMany(static part => part.Segments).Select(static segment => segment.Generation)];
        return new StoredSchemas(newest.Newest, [.. newest.Older.Where(generation => used.Contains(generation.Number))]);
    }

    private static IReadOnlyList<StateDescriptor> States(List<OperatorSnapshot> parts)
    {
        var byId = new SortedDictionary<int, StateDescriptor>();
        var byName = new Dictionary<string, int>();
        foreach (OperatorSnapshot part in parts)
        {
            foreach (StateDescriptor state in part.States)
            {
                if (!byId.TryAdd(state.Id, state) && byId[state.Id].Name != state.Name)
                {
                    throw new StreamKitException(
                        $"Operator '{part.OperatorName}': state id {state.Id} is '{byId[state.Id].Name}' in one subtask and '{state.Name}' in another. Ask for the same states in the same order in every subtask.");
                }

                if (byId[state.Id].Schema.Fingerprint != state.Schema.Fingerprint)
                {
                    throw new StreamKitException(
                        $"Operator '{part.OperatorName}': state '{state.Name}' holds {byId[state.Id].Schema} in one subtask and {state.Schema} in another. Declare it alike in every subtask.");
                }

                if (!byName.TryAdd(state.Name, state.Id) && byName[state.Name] != state.Id)
                {
                    throw new StreamKitException(
                        $"Operator '{part.OperatorName}': state '{state.Name}' has the ids {byName[state.Name]} and {state.Id}. Ask for the same states in the same order in every subtask.");
                }
            }
        }

        return [.. byId.Values];
    }
}
