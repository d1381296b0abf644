namespace StreamKit.Serialization;

/// <summary>Compares the forms of values in two schemas, place by place. Pure.</summary>
/// <param name="stored">The schemas within the one.</param>
/// <param name="declared">The schemas within the other.</param>
internal sealed class SchemaForms(SchemaPlaces stored, SchemaPlaces declared)
{
    /// <summary>Whether both write the same bytes, whatever numbers references have.</summary>
    public bool AreSame(TypeSchema old, TypeSchema now) => AreSame(old, now, []);

    /// <summary>Whether a member of the one form may well have become one of the other form: what is alike in kind, and for numbers, as wide.</summary>
    public bool MayFollow(TypeSchema old, TypeSchema now)
    {
        (old, now) = (Plain(stored.Resolve(old)), Plain(declared.Resolve(now)));
        return old.Kind == now.Kind && old.Kind switch
        {
            SchemaKind.Scalar => NumberWidening.Between(old.Name, now.Name) is not null,
            SchemaKind.Custom => old.Name == now.Name,
            _ => true,
        };
    }

    /// <summary>A value without that it may be missing, and an enumeration as its number.</summary>
    private static TypeSchema Plain(TypeSchema schema) => schema.Kind is SchemaKind.Nullable or SchemaKind.Enumeration ? Plain(schema.Members[0].Schema) : schema;

    // Types that contain themselves are the same if nothing else tells them apart: a pair that is being asked about counts as the same.
    private bool AreSame(TypeSchema old, TypeSchema now, HashSet<(TypeSchema, TypeSchema)> asked)
    {
        (old, now) = (stored.Resolve(old), declared.Resolve(now));
        if (old.Kind != now.Kind || old.Members.Count != now.Members.Count || (old.Kind is SchemaKind.Scalar or SchemaKind.Custom && old.Name != now.Name))
            return false;
        if (old.Kind == SchemaKind.Members && !asked.Add((old, now)))
            return true;

        for (var i = 0; i < old.Members.Count; i++)
        {
            if (old.Members[i].Name != now.Members[i].Name || !AreSame(old.Members[i].Schema, now.Members[i].Schema, asked))
                return false;
        }

        return true;
    }
}
