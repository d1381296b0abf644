using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>The operator list states of one operator and subtask.</summary>
internal sealed class OperatorLists(OperatorServices services)
{
    private readonly Dictionary<string, Func<ListSnapshot>> _savers = [];

    /// <summary>Declares a list and takes back what the checkpoint has of it.</summary>
    /// <exception cref="StreamKitException">The name is taken.</exception>
    public OperatorListState<T> Get<T>(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var schema = services.Serializers.GetSchema(typeof(T));
        var state = new OperatorListState<T>(name, services.Serializers.Get<T>(), Restored(name, schema));
        if (!_savers.TryAdd(name, () => new ListSnapshot(schema, state.Save())))
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
    private IReadOnlyList<ReadOnlyMemory<byte>> Restored(string name, TypeSchema schema)
    {
        services.DeclaredLists.Add(name);
        if (services.RestoredLists.GetValueOrDefault(name) is not { } restored)
            return [];

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
}
