namespace StreamKit.Serialization;

/// <summary>The schemas within a schema, where a reference stands for what it refers to.</summary>
internal sealed class SchemaPlaces
{
    private readonly List<TypeSchema> _objects = [];

    public SchemaPlaces(TypeSchema root) => Collect(root);

    /// <summary>The schema that is meant.</summary>
    /// <exception cref="StreamSerializationException">A reference leads nowhere.</exception>
    public TypeSchema Resolve(TypeSchema schema)
    {
        if (schema.Kind != SchemaKind.Reference)
            return schema;

        return schema.Target >= 0 && schema.Target < _objects.Count ? _objects[schema.Target] : throw new StreamSerializationException(
            $"A schema refers to type {schema.Target} ('{schema.Name}'), but holds {_objects.Count}. The bytes are damaged.");
    }

    private void Collect(TypeSchema schema)
    {
        if (schema.Kind == SchemaKind.Members)
            _objects.Add(schema);
        foreach (var member in schema.Members)
            Collect(member.Schema);
    }
}
