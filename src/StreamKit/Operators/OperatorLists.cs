using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>The operator list states of one operator and subtask.</summary>
internal sealed class OperatorLists(OperatorServices services)
{
    private readonly Dictionary<string, Func<ListSnapshot>> _savers = [];

    /// <summary>Declares a list and takes back what the checkpoint has of it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="isUnion">Whether a restore gives all items to each subtask.</param>
    /// <exception cref="StreamKitException">The name is taken.</exception>
    public OperatorListState<T> Get<T>(string name, bool isUnion)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var schema = services.Serializers.GetSchema(typeof(T));
        var state = new OperatorListState<T>(name, services.Serializers.Get<T>(), Restored(name, schema, isUnion));
        if (!_savers.TryAdd(name, () => new ListSnapshot(schema, state.Save(), isUnion)))
            throw new StreamKitException($"Operator '{services.OperatorName}' has two list states named '{name}'. Give each its own name.");
        return state;
    }

    public IReadOnlyDictionary<string, ListSnapshot>? Save()
    {
        if (_savers.Count == 0)
            return null;
        var saved = new Dictionary<string, ListSnapshot>(_savers.Count);
        foreach (var (name, save) in _savers)
            saved.Add(name, save());
        return saved;
    }

    /// <summary>The items of the checkpoint as they are written now; none where that is refused.</summary>
    private IReadOnlyList<ReadOnlyMemory<byte>> Restored(string name, TypeSchema schema, bool isUnion)
    {
        services.DeclaredLists.Add(name);
        if (services.RestoredLists.GetValueOrDefault(name) is not { } restored)
            return [];

        if (restored.IsUnion != isUnion)
        {
            services.Refusals.Add(
                $"List state '{name}' is {KindOf(restored.IsUnion)} in the checkpoint, but the operator declares it as {KindOf(isUnion)}: what its items mean to a subtask is not the same. "
                + "Declare it as it was, or give the new list another name.");
            return [];
        }

        var migration = SchemaMigration.Of(restored.Schema, schema);
        if (migration.WhyNot($"List state '{name}'", "in the checkpoint") is { } refusal)
        {
            services.Refusals.Add(refusal);
            return [];
        }

        if (migration.Changes.Count > 0)
            services.Changes.Add($"list state '{name}' ({restored.Schema}): {string.Join("; ", migration.Changes)}");
        return [.. restored.Items.Select(migration.Convert)];
    }

    private static string KindOf(bool isUnion) => isUnion ? "a union list" : "an ordinary list";
}
