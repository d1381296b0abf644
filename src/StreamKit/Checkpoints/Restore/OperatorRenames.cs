namespace StreamKit.Checkpoints;

/// <summary>
/// Gives stored operators the names that they have in the job now. Pure. A rename that has been done already changes nothing, so a job may
/// keep it: a checkpoint of the job as it is now knows the new name only.
/// </summary>
internal static class OperatorRenames
{
    /// <param name="manifest">A checkpoint or savepoint.</param>
    /// <param name="renames">Old names to new ones; no name is on both sides, and none twice on one.</param>
    /// <param name="faults">Receives what cannot be done.</param>
    /// <returns>The checkpoint as if it had been taken with the new names; that of sinks with their transactions.</returns>
    public static CheckpointManifest Apply(CheckpointManifest manifest, IReadOnlyDictionary<string, string> renames, List<string> faults)
    {
        HashSet<string> stored = [.. manifest.Operators.Select(static each => each.Name)];
        foreach ((string old, string renamed) in renames)
        {
            if (!stored.Contains(old) && !stored.Contains(renamed))
            {
                faults.Add($"The state of '{old}' is mapped to operator '{renamed}', but the checkpoint has no operator '{old}'. It has: {string.Join(", ", stored.Order(StringComparer.Ordinal).Select(static each => $"'{each}'"))}.");
            }
            else if (stored.Contains(old) && stored.Contains(renamed))
            {
                faults.Add($"The state of '{old}' is mapped to operator '{renamed}', but the checkpoint has an operator '{renamed}' too. Two states cannot become one: give the operator another name, or take the mapping away.");
            }
        }

        return faults.Count > 0 || renames.Count == 0
            ? manifest
            : manifest with
            {
                Operators = [.. manifest.Operators.Select(each => each with { Name = NameOf(each.Name) })],
                Transactions = [.. manifest.Transactions.Select(each => each with { Sink = NameOf(each.Sink) })],
            };

        string NameOf(string old) => renames.GetValueOrDefault(old, old);
    }
}
