namespace StreamKit.Serialization;

/// <summary>Where a member of today comes from.</summary>
/// <param name="Source">Its place among the stored members; −1 for a new one.</param>
/// <param name="Conversion">What its bytes need.</param>
/// <param name="Default">Of a new one: its bytes.</param>
internal readonly record struct MemberStep(int Source, ValueConversion Conversion, byte[] Default);

/// <summary>The members of an object: each comes from a stored one or is new, and stored ones that nothing comes from are left out.</summary>
internal sealed class MembersConversion : ValueConversion
{
    private string _type = "";
    private int _stored;
    private MemberStep[] _steps = [];
    private byte[] _null = [MessagePackCode.Nil];
    private int[]? _stepOfSource;

    /// <summary>Whether values may contain values of their own type, so that depth must be watched.</summary>
    public bool IsRecursive { get; set; }

    /// <summary>Completes the conversion, of which a step may contain the conversion itself.</summary>
    /// <param name="type">The type's name, for messages.</param>
    /// <param name="stored">The number of stored members.</param>
    /// <param name="steps">Today's members, in wire order.</param>
    /// <param name="instead">What a null becomes.</param>
    public void Complete(string type, int stored, MemberStep[] steps, byte[] instead)
    {
        (_type, _stored, _steps, _null) = (type, stored, steps, instead);
        var sources = steps.Where(static step => step.Source >= 0).Select(static step => step.Source).ToList();
        if (sources.SequenceEqual(sources.Order()))
            return;

        // Members that were renamed stand elsewhere now: the stored ones are converted first, and then put in order.
        _stepOfSource = [.. Enumerable.Range(0, stored).Select(source => Array.FindIndex(steps, step => step.Source == source))];
    }

    public override void Convert(ref MessagePackReader reader, ref MessagePackWriter writer)
    {
        if (reader.TryReadNil())
        {
            writer.WriteRaw(_null);
            return;
        }

        if (IsRecursive)
            reader.EnterDepth();
        Parts.Expect(ref reader, _stored, _type);
        writer.WriteArrayHeader(_steps.Length);
        if (_stepOfSource is { } steps)
            ConvertAndOrder(ref reader, ref writer, steps);
        else
            ConvertInOrder(ref reader, ref writer);
        if (IsRecursive)
            reader.LeaveDepth();
    }

    private void ConvertInOrder(ref MessagePackReader reader, ref MessagePackWriter writer)
    {
        var next = 0;
        foreach (var step in _steps)
        {
            if (step.Source < 0)
            {
                writer.WriteRaw(step.Default);
                continue;
            }

            for (; next < step.Source; next++)
                reader.Skip();
            step.Conversion.Convert(ref reader, ref writer);
            next++;
        }

        for (; next < _stored; next++)
            reader.Skip();
    }

    private void ConvertAndOrder(ref MessagePackReader reader, ref MessagePackWriter writer, int[] stepOfSource)
    {
        using var converted = new PooledBufferWriter();
        var places = new (int Start, int End)[_stored];
        for (var source = 0; source < _stored; source++)
        {
            if (stepOfSource[source] < 0)
            {
                reader.Skip();
                continue;
            }

            var start = converted.WrittenCount;
            var part = new MessagePackWriter(converted);
            _steps[stepOfSource[source]].Conversion.Convert(ref reader, ref part);
            part.Flush();
            places[source] = (start, converted.WrittenCount);
        }

        foreach (var step in _steps)
            writer.WriteRaw(step.Source < 0 ? step.Default : converted.WrittenSpan[places[step.Source].Start..places[step.Source].End]);
    }
}
