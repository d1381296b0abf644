namespace StreamKit.Operators;

/// <summary>The operator list states of one operator and subtask.</summary>
internal sealed class OperatorLists(OperatorServices services)
{
    private readonly Dictionary<string, Func<IReadOnlyList<ReadOnlyMemory<byte>>>> _savers = [];

    public OperatorListState<T> Get<T>(string name) => Get(name, services.Serializers.Get<T>());

    public OperatorListState<T> Get<T>(string name, Serializer<T> serializer)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var state = new OperatorListState<T>(name, serializer, services.RestoredLists.GetValueOrDefault(name) ?? []);
        if (!_savers.TryAdd(name, state.Save))
            throw new StreamKitException($"Operator '{services.OperatorName}' has two list states named '{name}'. Give each its own name.");
        return state;
    }

    public IReadOnlyDictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>>? Save()
    {
        if (_savers.Count == 0)
            return null;
        var saved = new Dictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>>(_savers.Count);
        foreach (var (name, save) in _savers)
            saved.Add(name, save());
        return saved;
    }
}
