using StreamKit.Checkpoints;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.StateProcessing;

/// <summary>The schemas in which the rows of a state are written, and what makes JSON of each: without the type of today, each row is read as it was written.</summary>
internal sealed class StoredSchemaJson(OperatorManifest stored, StateDescriptor state)
{
    private readonly Dictionary<int, (TypeSchema Schema, SchemaJson Json)> _byGeneration = [];

    public (TypeSchema Schema, SchemaJson Json) Of(int generation)
    {
        if (_byGeneration.TryGetValue(generation, out var known))
        {
            return known;
        }

        TypeSchema schema = stored.Schemas.Older.FirstOrDefault(each => each.Number == generation)?.Schemas.GetValueOrDefault(state.Id) ?? state.Schema;
        return _byGeneration[generation] = (schema, new SchemaJson(schema));
    }
}
