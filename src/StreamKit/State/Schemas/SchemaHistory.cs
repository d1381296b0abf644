using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// The generations of schemas that the rows of an operator and subtask are written in, and how those of older ones are read. Built by the operator's thread while
/// it opens; from then on it does not change, and is safe for concurrent use.
/// </summary>
internal sealed class SchemaHistory
{
    private readonly StoredSchemas _stored;
    private readonly Dictionary<int, TypeSchema> _newest;
    private readonly Dictionary<int, Dictionary<int, RowConversion>> _conversions = [];
    private readonly List<string> _refusals = [];
    private readonly List<string> _changes = [];
    private bool _hasChanged;

    /// <param name="states">The states of the checkpoint.</param>
    /// <param name="stored">The generations of the checkpoint.</param>
    public SchemaHistory(IReadOnlyList<StateDescriptor> states, StoredSchemas stored)
    {
        _stored = stored;
        _newest = states.ToDictionary(static state => state.Id, static state => state.Schema);
    }

    /// <summary>The generation in which rows are written now: a new one if any state has changed since the checkpoint.</summary>
    public int Generation => _hasChanged ? _stored.Newest + 1 : _stored.Newest;

    /// <summary>The generations before, for the manifest.</summary>
    public IReadOnlyList<SchemaGeneration> Older => _hasChanged ? [.. _stored.Older, new SchemaGeneration(_stored.Newest, _newest)] : _stored.Older;

    /// <summary>Why states cannot take over what the checkpoint holds under their names, each with the remedy.</summary>
    public IReadOnlyList<string> Refusals => _refusals;

    /// <summary>What has changed in states that take over what the checkpoint holds, by state.</summary>
    public IReadOnlyList<string> Changes => _changes;

    /// <summary>Finds out how a state takes over what is stored under its name, or why it cannot.</summary>
    /// <param name="signature">The state as it is declared.</param>
    /// <param name="rows">How its rows are converted, given how that is done with what its schema describes.</param>
    /// <param name="stored">The state in the checkpoint.</param>
    public void Claim(StateSignature signature, Func<ValueConversion, RowConversion> rows, StateDescriptor stored)
    {
        if (signature.WhyNotOfKind(stored.Kind) is { } refusal)
        {
            _refusals.Add(refusal);
            return;
        }

        SchemaMigration newest = Claim(signature, rows, stored.Id, _stored.Newest, stored.Schema, "in the checkpoint");
        foreach (SchemaGeneration generation in _stored.Older)
        {
            if (generation.Schemas.TryGetValue(stored.Id, out TypeSchema? schema))
                Claim(signature, rows, stored.Id, generation.Number, schema, "in older rows of the checkpoint");
        }

        if (stored.Schema.Fingerprint == signature.Schema.Fingerprint)
            return;
        _hasChanged = true;
        _changes.Add($"state '{signature.Name}' ({stored.Schema}): {string.Join("; ", newest.Changes)}");
    }

    /// <summary>What rows of a generation need; null if they are as they would be written now.</summary>
    public RowConversions? Of(int generation) =>
        _conversions.TryGetValue(generation, out Dictionary<int, RowConversion>? byState) ? new RowConversions(byState) : null;

    private SchemaMigration Claim(StateSignature signature, Func<ValueConversion, RowConversion> rows, int stateId, int generation, TypeSchema schema, string where)
    {
        SchemaMigration migration = SchemaMigration.Of(schema, signature.Schema);
        if (migration.WhyNot($"State '{signature.Name}'", where) is { } refusal)
        {
            _refusals.Add(refusal);
        }
        else if (!migration.Conversion.IsNone)
        {
            if (!_conversions.TryGetValue(generation, out Dictionary<int, RowConversion>? byState))
                _conversions.Add(generation, byState = []);
            byState.Add(stateId, rows(migration.Conversion));
        }

        return migration;
    }
}
