using StreamKit.StateProcessing;

namespace StreamKit.Cli.Commands;

/// <summary>What two checkpoints or savepoints have that the other has not.</summary>
internal sealed class DiffCommand : Command
{
    private const int DefaultLimit = 20;

    public override string Name => "diff";

    public override string Summary => "compares two checkpoints or savepoints, key by key";

    public override string Help => """
        streamkit diff FOLDER OTHER [--checkpoint N] [--other-checkpoint N] [--limit N]

        Compares operators, states and the value of each key. '-' is what only the first has, '+' what only the other has, '~' what differs.
        Ends with exit code 4 if there is any difference.

          --checkpoint N         that checkpoint of the first folder instead of the newest one
          --other-checkpoint N   that checkpoint of the other folder
          --limit N              how many keys to show per state, 20 by default; all are counted
        """;

    public override IReadOnlyCollection<string> Options => ["--checkpoint", "--other-checkpoint", "--limit"];

    public override async Task<ExitCode> RunAsync(Arguments arguments, TextWriter output, CancellationToken cancellation)
    {
        var places = arguments.Places("a folder", "another folder");
        var first = await Location.OpenAsync(places[0], arguments.Number("--checkpoint"), cancellation);
        var other = await Location.OpenAsync(places[1], arguments.Number("--other-checkpoint"), cancellation);
        if (first.MaxParallelism != other.MaxParallelism)
        {
            output.WriteLine($"~ maximum parallelism: {first.MaxParallelism} -> {other.MaxParallelism}; keys are divided differently, so state is not compared");
            return ExitCode.Different;
        }

        var differences = 0L;
        foreach (var name in first.Operators.Concat(other.Operators).Select(static each => each.Name).Distinct().Order(StringComparer.Ordinal))
            differences += await CompareAsync(name, first, other, arguments.Number("--limit") ?? DefaultLimit, output, cancellation);
        output.WriteLine(differences == 0 ? "No difference." : $"{differences} {(differences == 1 ? "difference" : "differences")}.");
        return differences == 0 ? ExitCode.Success : ExitCode.Different;
    }

    private static async Task<long> CompareAsync(string name, StateReader first, StateReader other, long limit, TextWriter output, CancellationToken cancellation)
    {
        if (Find(first, name) is not { } left)
            return Report(output, $"+ operator '{name}'");
        if (Find(other, name) is not { } right)
            return Report(output, $"- operator '{name}'");
        if (left.KeyType != right.KeyType)
            return Report(output, $"~ {name}: keys {left.KeyType ?? "none"} -> {right.KeyType ?? "none"}");
        var differences = CompareLists(name, left, right, output);
        foreach (var state in left.States.Concat(right.States).Select(static each => each.Name).Distinct().Order(StringComparer.Ordinal))
        {
            var (before, after) = (left.States.FirstOrDefault(each => each.Name == state), right.States.FirstOrDefault(each => each.Name == state));
            differences += (before, after) switch
            {
                (null, _) => Report(output, $"+ {name}/{state}: {after!.Kind} of {after.Type}"),
                (_, null) => Report(output, $"- {name}/{state}: {before.Kind} of {before.Type}"),
                _ when before != after => Report(output, $"~ {name}/{state}: {before.Kind} of {before.Type} -> {after.Kind} of {after.Type}"),
                _ => await CompareEntriesAsync($"{name}/{state}", first.ReadComparableAsync(name, state, cancellation), other.ReadComparableAsync(name, state, cancellation), limit, output, cancellation),
            };
        }

        return differences;
    }

    private static long CompareLists(string name, StoredOperator left, StoredOperator right, TextWriter output)
    {
        var differences = 0L;
        foreach (var list in left.Lists.Concat(right.Lists).Select(static each => each.Name).Distinct().Order(StringComparer.Ordinal))
        {
            var (before, after) = (left.Lists.FirstOrDefault(each => each.Name == list), right.Lists.FirstOrDefault(each => each.Name == list));
            if (before != after)
                differences += Report(output, $"~ {name}/{list}: {Describe(before)} -> {Describe(after)}");
        }

        return differences;

        static string Describe(StoredList? list) => list is null ? "none" : $"{list.Items} items, {list.Bytes} bytes of {list.Type}{(list.IsUnion ? ", union" : "")}";
    }

    /// <summary>Both come in the same order, so one pass does.</summary>
    private static async Task<long> CompareEntriesAsync(
        string name, IAsyncEnumerable<ComparableEntry> left, IAsyncEnumerable<ComparableEntry> right, long limit, TextWriter output, CancellationToken cancellation)
    {
        await using var first = left.GetAsyncEnumerator(cancellation);
        await using var other = right.GetAsyncEnumerator(cancellation);
        var (hasFirst, hasOther) = (await first.MoveNextAsync(), await other.MoveNextAsync());
        long differences = 0;
        while (hasFirst || hasOther)
        {
            var order = !hasFirst ? 1 : !hasOther ? -1 : first.Current.CompareTo(other.Current);
            var line = order switch
            {
                < 0 => $"- {name} {first.Current.Entry.Key} {first.Current.Entry.Value}",
                > 0 => $"+ {name} {other.Current.Entry.Key} {other.Current.Entry.Value}",
                _ when first.Current.Entry.Value != other.Current.Entry.Value => $"~ {name} {first.Current.Entry.Key} {first.Current.Entry.Value} -> {other.Current.Entry.Value}",
                _ => null,
            };
            if (line is not null && ++differences <= limit)
                output.WriteLine(line);
            if (order <= 0)
                hasFirst = await first.MoveNextAsync();
            if (order >= 0)
                hasOther = await other.MoveNextAsync();
        }

        if (differences > limit)
            output.WriteLine($"  {name}: {differences - limit} more");
        return differences;
    }

    private static StoredOperator? Find(StateReader reader, string name) => reader.Operators.FirstOrDefault(each => each.Name == name);

    private static long Report(TextWriter output, string difference)
    {
        output.WriteLine(difference);
        return 1;
    }
}
