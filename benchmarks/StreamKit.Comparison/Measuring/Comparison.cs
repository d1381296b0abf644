using System.Globalization;
using System.Runtime;

namespace StreamKit.Comparison;

/// <summary>Runs workloads: each implementation once to warm up and to compare results, then rounds in which all take turns, so that a noisy machine is noisy for all.</summary>
internal static class Comparison
{
    /// <summary>With --quick.</summary>
    private const int QuickDivisor = 20;

    /// <returns>False when an implementation came to another result than the plain loop.</returns>
    public static async Task<bool> RunAsync(ComparisonOptions options)
    {
        Console.WriteLine($"# {Environment.ProcessorCount} processors, .NET {Environment.Version}, {(GCSettings.IsServerGC ? "server" : "workstation")} GC, median of {options.Rounds} round(s)");
        Console.WriteLine("workload\timplementation\tmillion_events_per_s\tcpu_ns_per_event\tbytes_per_event\tratio_to_plain_loop");
        await OtherPipelines.RunAsync();
        var rows = new List<ResultRow>();
        var equal = true;
        foreach (var workload in options.Workloads)
            equal &= await RunAsync(workload, options, rows);
        if (options.Svg is not null)
            await File.WriteAllTextAsync(options.Svg, Chart.Draw(rows));
        return equal;
    }

    private static async Task<bool> RunAsync(Workload workload, ComparisonOptions options, List<ResultRow> rows)
    {
        var events = options.Events ?? (options.Quick ? workload.Events / QuickDivisor : workload.Events);
        var entries = workload.Implementations
            .Where(each => each.Name == Implementation.PlainLoop || options.Only is null || each.Name.Contains(options.Only, StringComparison.Ordinal))
            .Select(each => new Entry(each, Math.Max(1, events / each.Divisor)))
            .ToList();
        if (!await WarmUpAsync(workload, entries))
            return false;

        for (var round = 0; round < Math.Min(options.Rounds, workload.MostRounds); round++)
        {
            foreach (var entry in entries)
            {
                var run = await RunOnceAsync(entry);
                if (run.Outcome != entry.Expected)
                    return Report(workload, entry, run.Outcome);
                entry.Runs.Add(run);
            }
        }

        foreach (var entry in entries)
        {
            var row = ResultRow.Of(workload.Name, entry.Implementation.Name, entry.Events, entry.Runs, entries[0].Events, entries[0].Runs);
            rows.Add(row);
            Console.WriteLine(row);
            if (entry.Runs[^1].Note is { } note)
                Console.WriteLine($"# {workload.Name} {entry.Implementation.Name}: {note}");
        }

        return true;
    }

    private static async Task<bool> WarmUpAsync(Workload workload, List<Entry> entries)
    {
        var plain = entries[0].Implementation;
        var outcomes = new Dictionary<long, Outcome>();
        foreach (var entry in entries)
        {
            if (!outcomes.TryGetValue(entry.Events, out var expected))
                outcomes[entry.Events] = expected = (await plain.RunAsync(entry.Events, default)).Outcome;
            entry.Expected = expected;
            var run = await RunOnceAsync(entry);
            if (run.Outcome != expected)
                return Report(workload, entry, run.Outcome);
        }

        return true;
    }

    private static Task<Run> RunOnceAsync(Entry entry)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return entry.Implementation.RunAsync(entry.Events, entry.Expected);
    }

    private static bool Report(Workload workload, Entry entry, Outcome outcome)
    {
        Console.Error.WriteLine(
            $"{workload.Name} {entry.Implementation.Name}: after {entry.Events.ToString(CultureInfo.InvariantCulture)} events it came to {outcome}, but the plain loop to {entry.Expected}. Nothing is reported of this workload.");
        return false;
    }

    internal static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private sealed class Entry(Implementation implementation, long events)
    {
        public Implementation Implementation { get; } = implementation;

        public long Events { get; } = events;

        public Outcome Expected { get; set; }

        public List<Run> Runs { get; } = [];
    }
}
