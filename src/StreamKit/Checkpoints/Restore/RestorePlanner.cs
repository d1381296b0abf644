using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>
/// Decides which subtask starts from which part of a checkpoint, at whatever parallelism. Pure. First start, restart and rescale are
/// the same to it.
/// </summary>
internal static class RestorePlanner
{
    /// <summary>Makes the plan.</summary>
    /// <param name="manifest">The checkpoint.</param>
    /// <param name="operators">All operators of the job that is about to start.</param>
    /// <param name="maxParallelism">Its maximum parallelism.</param>
    /// <param name="committingSinks">The sinks that can commit transactions.</param>
    /// <param name="otherFaults">What else is known to stand against it.</param>
    /// <param name="origin">What the checkpoint is, for messages; null for one of the job's own.</param>
    /// <exception cref="StreamKitException">The checkpoint does not fit the job; the message lists all reasons.</exception>
    public static RestorePlan Plan(
        CheckpointManifest manifest,
        IReadOnlyList<PlannedOperator> operators,
        int maxParallelism,
        IReadOnlyCollection<string> committingSinks,
        IEnumerable<string>? otherFaults = null,
        string? origin = null)
    {
        List<string> faults = [.. FindFaults(manifest, operators, maxParallelism, committingSinks), .. otherFaults ?? []];
        if (faults.Count > 0 || origin is not null)
        {
            // Of a checkpoint of the job's own these alone are left to the operators: with the states that they declare when they open, they are told all together.
            faults.AddRange(manifest.Operators.SelectMany(stored => operators.Where(o => o.Name == stored.Name).SelectMany(planned => FindStateFaults(stored, planned))));
        }

        if (faults.Count > 0)
        {
            throw Refusal(manifest.Job.Name, origin ?? $"checkpoint {manifest.Number}", faults);
        }

        var restores = new Dictionary<string, IReadOnlyList<SubtaskRestore>>();
        foreach (PlannedOperator planned in operators)
        {
            if (manifest.Operators.FirstOrDefault(o => o.Name == planned.Name) is { } stored)
            {
                restores.Add(planned.Name, Plan(stored, planned, maxParallelism));
            }
        }

        return new RestorePlan(restores, manifest.Transactions);
    }

    /// <summary>The operators that may have state and that the job does not know.</summary>
    public static IEnumerable<OperatorManifest> Unclaimed(CheckpointManifest manifest, IReadOnlyCollection<PlannedOperator> operators) =>
        manifest.Operators.Where(stored => HasState(stored) && operators.All(each => each.Name != stored.Name));

    /// <summary>Says why a job cannot start from a checkpoint or savepoint.</summary>
    public static StreamKitException Refusal(string jobName, string origin, IEnumerable<string> faults) =>
        new($"Job '{jobName}' cannot start from {origin}:" + string.Concat(faults.Select(f => $"{Environment.NewLine}- {f}")));

    private static SubtaskRestore[] Plan(OperatorManifest stored, PlannedOperator planned, int maxParallelism)
    {
        Dictionary<string, ListSnapshot>[] lists = Distribute(stored, planned.Parallelism);
        long lowest = stored.Subtasks.Count == 0 ? long.MinValue : stored.Subtasks.Min(s => s.Watermark);
        var restores = new SubtaskRestore[planned.Parallelism];
        for (int i = 0; i < restores.Length; i++)
        {
            KeyGroupRange range = planned.Key is not null ? KeyGroups.RangeOf(i, planned.Parallelism, maxParallelism) : KeyGroupRange.Empty;
            restores[i] = new SubtaskRestore
            {
                KeyGroups = range,
                Segments = Clip(stored.Segments, range),
                States = stored.States,
                Schemas = stored.Schemas,
                NextStateId = stored.NextStateId,
                Lists = lists[i],
                // Behind a shuffle all subtasks have the same watermark at a barrier; elsewhere the lowest is safe for all.
                Watermark = stored.Parallelism == planned.Parallelism ? stored.Subtasks[i].Watermark : lowest,
            };
        }

        return restores;
    }

    private static List<SegmentReference> Clip(IReadOnlyList<SegmentReference> segments, KeyGroupRange range)
    {
        var clipped = new List<SegmentReference>();
        foreach (SegmentReference segment in segments.OrderBy(s => s.Sequence))
        {
            KeyGroupRange common = segment.KeyGroups.Intersect(range);
            if (!common.IsEmpty)
            {
                clipped.Add(segment with { KeyGroups = common });
            }
        }

        return clipped;
    }

    /// <summary>
    /// Each item goes to one subtask: to its own at the same parallelism, else in turn, in the order of subtasks and items. Those of a union list go to all, in that order.
    /// </summary>
    private static Dictionary<string, ListSnapshot>[] Distribute(OperatorManifest stored, int parallelism)
    {
        var lists = new Dictionary<string, ListSnapshot>[parallelism];
        for (int i = 0; i < parallelism; i++)
        {
            lists[i] = [];
        }

        foreach ((string name, TypeSchema schema) in stored.Lists)
        {
            if (stored.UnionLists.Contains(name))
            {
                var union = new ListSnapshot(schema, [.. stored.Subtasks.OrderBy(s => s.Index).SelectMany(s => s.Lists.GetValueOrDefault(name) ?? [])], IsUnion: true);
                Array.ForEach(lists, each => each[name] = union);
                continue;
            }

            var items = new List<ReadOnlyMemory<byte>>[parallelism];
            int turn = 0;
            foreach (SubtaskManifest subtask in stored.Subtasks.OrderBy(s => s.Index))
            {
                foreach (ReadOnlyMemory<byte> item in subtask.Lists.GetValueOrDefault(name) ?? [])
                {
                    int target = stored.Parallelism == parallelism ? subtask.Index : turn++ % parallelism;
                    (items[target] ??= []).Add(item);
                }
            }

            for (int i = 0; i < parallelism; i++)
            {
                lists[i][name] = new ListSnapshot(schema, items[i] ?? []);
            }
        }

        return lists;
    }

    private static List<string> FindFaults(
        CheckpointManifest manifest, IReadOnlyList<PlannedOperator> operators, int maxParallelism, IReadOnlyCollection<string> committingSinks)
    {
        var faults = new List<string>();
        if (manifest.Job.MaxParallelism != maxParallelism)
        {
            faults.Add(
                $"The maximum parallelism is {maxParallelism}, but the state is divided by {manifest.Job.MaxParallelism}. Set it to {manifest.Job.MaxParallelism}.");
        }

        foreach (OperatorManifest stored in manifest.Operators)
        {
            if (operators.FirstOrDefault(o => o.Name == stored.Name) is { } planned)
            {
                faults.AddRange(FindFaults(stored, planned));
            }
        }

        foreach (PlannedOperator planned in operators.Where(o => o.Parallelism > maxParallelism))
        {
            faults.Add($"Operator '{planned.Name}' has a parallelism of {planned.Parallelism}, above the maximum of {maxParallelism}. Lower it.");
        }

        foreach (IGrouping<string, PreparedTransaction> sink in manifest.Transactions.GroupBy(t => t.Sink).Where(s => !committingSinks.Contains(s.Key)))
        {
            faults.Add(
                $"Sink '{sink.Key}' has {sink.Count()} transactions to be committed, but the job has no sink of that name that commits. "
                + "Run the job once more with that sink and stop it, then remove the sink.");
        }

        return faults;
    }

    private static IEnumerable<string> FindFaults(OperatorManifest stored, PlannedOperator planned)
    {
        if (stored.Segments.Count > 0 && planned.Key is null)
        {
            yield return $"Operator '{stored.Name}' has keyed state in the checkpoint, but its input is not keyed any more. Key it as before, or give the operator another name.";
        }

        if (stored is { Key: { } storedKey, Segments.Count: > 0 } && planned.Key is { } key && SchemaComparison.Compare(storedKey, key) is { Count: > 0 } differences)
        {
            yield return
                $"The key of operator '{stored.Name}' is {key}, but its state is stored by {storedKey}: {string.Join("; ", differences)}. "
                + "Key the stream by the type it was keyed by, or give the operator another name to start it empty.";
        }
    }

    private static IEnumerable<string> FindStateFaults(OperatorManifest stored, PlannedOperator planned)
    {
        foreach (StateSignature state in planned.States)
        {
            if (stored.States.FirstOrDefault(s => s.Name == state.Name) is { } old && state.WhyNot(old) is { } refusal)
            {
                yield return $"Operator '{stored.Name}': {refusal}";
            }
        }
    }

    private static bool HasState(OperatorManifest stored) =>
        stored.Segments.Count > 0 || stored.Subtasks.Any(s => s.Lists.Values.Any(items => items.Count > 0));
}
