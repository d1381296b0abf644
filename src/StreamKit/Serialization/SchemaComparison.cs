namespace StreamKit.Serialization;

/// <summary>In what way a declared schema differs from a stored one at one place.</summary>
internal enum SchemaDifferenceKind
{
    /// <summary>What stands there is of another form.</summary>
    Type,

    /// <summary>A member is stored, and not declared any more.</summary>
    Removed,

    /// <summary>A member is declared that is not stored.</summary>
    Added,

    /// <summary>A member is gone and another of the same form is new: probably it was renamed.</summary>
    Renamed,

    /// <summary>The members are the same, in another order.</summary>
    Reordered,
}

/// <summary>One difference between two schemas.</summary>
/// <param name="Kind">In what way.</param>
/// <param name="Path">Where, as <c>Lines[].Text</c>; empty for the value itself. Of a renamed member: its stored name.</param>
/// <param name="Stored">What is stored there; null for an added member.</param>
/// <param name="Declared">What is declared there; null for a removed member.</param>
internal sealed record SchemaDifference(SchemaDifferenceKind Kind, string Path, string? Stored, string? Declared)
{
    public override string ToString() => Kind switch
    {
        SchemaDifferenceKind.Removed => $"member '{Path}' ({Stored}) is gone",
        SchemaDifferenceKind.Added => $"member '{Path}' ({Declared}) is new",
        SchemaDifferenceKind.Renamed => $"member '{Path}' is now called '{Declared}'",
        SchemaDifferenceKind.Reordered => $"the members{(Path.Length == 0 ? "" : $" of '{Path}'")} were in the order {Stored}, now {Declared}",
        _ => Path.Length == 0 ? $"it was {Stored}, now {Declared}" : $"'{Path}' was {Stored}, now {Declared}",
    };
}

/// <summary>Finds what has changed between the schema of stored values and the one declared for them now. Pure.</summary>
internal static class SchemaComparison
{
    /// <summary>All differences, in the order of the stored schema; none exactly when the fingerprints are equal.</summary>
    public static IReadOnlyList<SchemaDifference> Compare(TypeSchema stored, TypeSchema declared)
    {
        if (stored.Fingerprint == declared.Fingerprint)
            return [];
        var differences = new List<SchemaDifference>();
        Compare("", stored, declared, referencesByName: true, differences);
        if (differences.Count == 0)
            Compare("", stored, declared, referencesByName: false, differences);
        return differences;
    }

    /// <param name="path">The place.</param>
    /// <param name="stored">What is stored there.</param>
    /// <param name="declared">What is declared there.</param>
    /// <param name="referencesByName">Whether references to types of one name are the same: a member more or less elsewhere gives the types behind it other numbers, which is no difference to tell.</param>
    /// <param name="differences">Receives what is found.</param>
    private static void Compare(string path, TypeSchema stored, TypeSchema declared, bool referencesByName, List<SchemaDifference> differences)
    {
        var isSame = stored.Kind == declared.Kind
            && (stored.Target == declared.Target || (referencesByName && stored.Name == declared.Name))
            && (stored.Kind is not (SchemaKind.Scalar or SchemaKind.Custom) || stored.Name == declared.Name);
        if (!isSame)
            differences.Add(new SchemaDifference(SchemaDifferenceKind.Type, path, stored.ToString(), declared.ToString()));
        else if (stored.Kind == SchemaKind.Members)
            CompareMembers(path, stored.Members, declared.Members, referencesByName, differences);
        else
            CompareParts(path, stored, declared, referencesByName, differences);
    }

    private static void CompareParts(string path, TypeSchema stored, TypeSchema declared, bool referencesByName, List<SchemaDifference> differences)
    {
        for (var i = 0; i < stored.Members.Count; i++)
        {
            var part = stored.Kind switch
            {
                SchemaKind.Sequence => path + "[]",
                SchemaKind.Map => path + (i == 0 ? "{key}" : "{value}"),
                _ => path, // the value of a nullable or the number of an enumeration is in the place of the thing itself
            };
            Compare(part, stored.Members[i].Schema, declared.Members[i].Schema, referencesByName, differences);
        }
    }

    private static void CompareMembers(string path, IReadOnlyList<SchemaMember> stored, IReadOnlyList<SchemaMember> declared, bool referencesByName, List<SchemaDifference> differences)
    {
        var before = differences.Count;
        var added = declared.ExceptBy(stored.Select(static member => member.Name), static member => member.Name).ToList();
        var removed = stored.ExceptBy(declared.Select(static member => member.Name), static member => member.Name).ToList();
        foreach (var (name, schema) in stored)
        {
            if (declared.FirstOrDefault(member => member.Name == name) is { } same)
            {
                Compare(Join(path, name), schema, same.Schema, referencesByName, differences);
            }
            else if (Successor(schema, removed, added) is { } successor)
            {
                added.Remove(successor);
                differences.Add(new SchemaDifference(SchemaDifferenceKind.Renamed, Join(path, name), name, successor.Name));
            }
            else
            {
                differences.Add(new SchemaDifference(SchemaDifferenceKind.Removed, Join(path, name), schema.ToString(), null));
            }
        }

        foreach (var (name, schema) in added)
            differences.Add(new SchemaDifference(SchemaDifferenceKind.Added, Join(path, name), null, schema.ToString()));
        if (differences.Count == before && !stored.Select(static member => member.Name).SequenceEqual(declared.Select(static member => member.Name)))
            differences.Add(new SchemaDifference(SchemaDifferenceKind.Reordered, path, Names(stored), Names(declared)));
    }

    /// <summary>The new member that a removed one probably became: the only one of its form, where no other member of that form was removed.</summary>
    private static SchemaMember? Successor(TypeSchema schema, List<SchemaMember> removed, List<SchemaMember> added)
    {
        var candidates = added.Where(member => member.Schema.Fingerprint == schema.Fingerprint).ToList();
        return candidates.Count == 1 && removed.Count(member => member.Schema.Fingerprint == schema.Fingerprint) == 1 ? candidates[0] : null;
    }

    private static string Names(IEnumerable<SchemaMember> members) => string.Join(", ", members.Select(static member => member.Name));

    private static string Join(string path, string member) => path.Length == 0 ? member : $"{path}.{member}";
}
