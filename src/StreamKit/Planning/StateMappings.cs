using StreamKit.Graph;

namespace StreamKit.Planning;

/// <summary>Which stored operator names stand for which operators of the job, as the user says.</summary>
internal sealed class StateMappings
{
    private readonly List<(string Old, string New)> _given = [];

    /// <summary>Old names to new ones; to be asked when <see cref="Validate"/> has found nothing.</summary>
    public IReadOnlyDictionary<string, string> Renames => _given.ToDictionary(static each => each.Old, static each => each.New, StringComparer.Ordinal);

    public void Add(string oldName, string newName) => _given.Add((oldName, newName));

    public IEnumerable<string> Validate(StreamGraph graph)
    {
        var names = graph.Nodes.Select(static node => node.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (old, renamed) in _given)
        {
            if (!names.Contains(renamed))
                yield return $"The state of '{old}' is mapped to operator '{renamed}', which the job does not have. It has: {string.Join(", ", names.Order(StringComparer.Ordinal).Select(static name => $"'{name}'"))}.";
            // After the next checkpoint the same mapping would take that operator's own state away from it.
            if (names.Contains(old))
                yield return $"The state of '{old}' is mapped to operator '{renamed}', but the job has an operator '{old}' itself. Give that one another name, or take the mapping away.";
        }

        foreach (var same in _given.GroupBy(static each => each.Old, StringComparer.Ordinal).Where(static same => same.Count() > 1))
            yield return $"The state of '{same.Key}' is mapped {same.Count()} times, to {string.Join(" and ", same.Select(static each => $"'{each.New}'"))}. Map it once.";
        foreach (var same in _given.GroupBy(static each => each.New, StringComparer.Ordinal).Where(static same => same.Count() > 1))
            yield return $"The state of {string.Join(" and ", same.Select(static each => $"'{each.Old}'"))} is mapped to one operator, '{same.Key}'. Map one of them; states are not joined.";
    }
}
