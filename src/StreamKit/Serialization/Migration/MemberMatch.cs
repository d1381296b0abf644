namespace StreamKit.Serialization;

/// <summary>Which stored member each declared one comes from: the one of its name, else one of a former name. Nothing is guessed. Pure.</summary>
internal sealed class MemberMatch
{
    private readonly List<string> _problems = [];

    private MemberMatch(int members)
    {
        Sources = new int[members];
        Array.Fill(Sources, -1);
    }

    /// <summary>By declared member, the place among the stored ones; −1 for a new one.</summary>
    public int[] Sources { get; }

    /// <summary>What the type must decide.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <param name="stored">The stored object.</param>
    /// <param name="declared">The declared one.</param>
    /// <param name="histories">What it says of the past of its members.</param>
    /// <param name="forms">Compares members.</param>
    public static MemberMatch Of(TypeSchema stored, TypeSchema declared, IReadOnlyList<MemberHistory> histories, SchemaForms forms)
    {
        var match = new MemberMatch(declared.Members.Count);
        for (var i = 0; i < match.Sources.Length; i++)
            match.Sources[i] = IndexOf(stored, declared.Members[i].Name);
        for (var i = 0; i < match.Sources.Length; i++)
        {
            if (match.Sources[i] < 0)
                match.FindFormer(stored, declared, i, histories[i]);
        }

        match.FindDoubts(stored, declared, histories, forms);
        return match;
    }

    private static int IndexOf(TypeSchema schema, string name)
    {
        for (var i = 0; i < schema.Members.Count; i++)
        {
            if (schema.Members[i].Name == name)
                return i;
        }

        return -1;
    }

    private void FindFormer(TypeSchema stored, TypeSchema declared, int member, MemberHistory history)
    {
        foreach (var former in history.FormerNames)
        {
            var source = IndexOf(stored, former);
            if (source < 0)
                continue;

            var other = Array.IndexOf(Sources, source);
            if (other < 0)
                Sources[member] = source;
            else
                _problems.Add($"the stored member '{former}' is claimed by '{declared.Members[member].Name}', which is marked [RenamedFrom(\"{former}\")], and by '{declared.Members[other].Name}'. Give the one that is new another name");
            return;
        }
    }

    /// <summary>A member that is gone beside one that is new and might be the same: whoever guesses wrong loses it.</summary>
    private void FindDoubts(TypeSchema stored, TypeSchema declared, IReadOnlyList<MemberHistory> histories, SchemaForms forms)
    {
        var gone = stored.Members.Where((_, i) => !Sources.Contains(i)).ToList();
        for (var i = 0; i < Sources.Length; i++)
        {
            var added = declared.Members[i];
            if (Sources[i] >= 0 || !histories[i].IsSilent || gone.Find(each => forms.MayFollow(each.Schema, added.Schema)) is not { } lost)
                continue;

            _problems.Add(
                $"member '{lost.Name}' ({lost.Schema}) is gone and '{added.Name}' ({added.Schema}) is new. If it was renamed, mark '{added.Name}' [RenamedFrom(\"{lost.Name}\")], if not, [NewMember]");
        }
    }
}
