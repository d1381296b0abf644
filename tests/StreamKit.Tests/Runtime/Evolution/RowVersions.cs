namespace StreamKit.Tests.Runtime.Evolution;

/// <summary>A row of state, in one of its versions. What a version adds has the value that a new row gives it, so that rows which were converted cannot be told from others.</summary>
public interface IRow<TSelf>
    where TSelf : IRow<TSelf>
{
    long Owner { get; }

    long Value { get; }

    /// <summary>What is not as it has to be; empty if everything is.</summary>
    string Faults { get; }

    static abstract TSelf Make(long owner, long value);

    TSelf With(long value);
}

public readonly record struct Row1(long Owner, int Sum, string Label) : IRow<Row1>
{
    public long Value => Sum;

    public string Faults => Label == $"of {Owner}" ? "" : $"label '{Label}' of {Owner}";

    public static Row1 Make(long owner, long value) => new(owner, (int)value, $"of {owner}");

    public Row1 With(long value) => this with { Sum = (int)value };
}

/// <summary>A struct became a record: a member renamed and widened, another one new.</summary>
public sealed record Row2(long Owner, string Label, [RenamedFrom("Sum")] long Total, int Added = 5) : IRow<Row2>
{
    public long Value => Total;

    public string Faults => Label == $"of {Owner}" && Added == 5 ? "" : $"label '{Label}' of {Owner}, added {Added}";

    public static Row2 Make(long owner, long value) => new(owner, $"of {owner}", value);

    public Row2 With(long value) => this with { Total = value };
}

/// <summary>A class that is changed in place: a member wider again, one that may be missing now, a list with an initial value.</summary>
public sealed class Row3 : IRow<Row3>
{
    public long Owner { get; init; }

    public string Label { get; init; } = "";

    [RenamedFrom("Sum", "Total")]
    public decimal Amount { get; set; }

    public int? Added { get; init; } = 5;

    public List<string> Tags { get; set; } = ["none"];

    public long Value => (long)Amount;

    public string Faults => Label == $"of {Owner}" && Added == 5 && Tags is ["none"] ? "" : $"label '{Label}' of {Owner}, added {Added}, tags {Tags}";

    public static Row3 Make(long owner, long value) => new() { Owner = owner, Amount = value, Label = $"of {owner}" };

    public Row3 With(long value)
    {
        Amount = value;
        return this;
    }
}

/// <summary>A struct again: members renamed, one gone, one that may not be missing any more, and a part.</summary>
public readonly record struct Row4([RenamedFrom("Sum", "Total")] decimal Amount, [RenamedFrom("Label")] string Name, [RenamedFrom("Owner")] long Id, Part4 Part, int Added = 5) : IRow<Row4>
{
    public long Owner => Id;

    public long Value => (long)Amount;

    public string Faults => Name == $"of {Id}" && Added == 5 && Part == default ? "" : $"name '{Name}' of {Id}, added {Added}, part {Part}";

    public static Row4 Make(long owner, long value) => new(value, $"of {owner}", owner, default);

    public Row4 With(long value) => this with { Amount = value };
}

public readonly record struct Part4(int A, string? B);

/// <summary>Its part has changed.</summary>
[StreamType]
public sealed record Row5(Part5 Part, [RenamedFrom("Sum", "Total")] decimal Amount, [RenamedFrom("Label")] string Name, [RenamedFrom("Owner")] Int128 Id, int Added = 5) : IRow<Row5>
{
    public long Owner => (long)Id;

    public long Value => (long)Amount;

    public string Faults => Name == $"of {Id}" && Added == 5 && Part is null or { A: 0, B: null, C: null or 1.5 } ? "" : $"name '{Name}' of {Id}, added {Added}, part {Part}";

    public static Row5 Make(long owner, long value) => new(new Part5(0, null), value, $"of {owner}", owner);

    public Row5 With(long value) => this with { Amount = value };
}

public sealed record Part5(long A, string? B, double? C = 1.5);
