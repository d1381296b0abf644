using StreamKit.Comparison;

var options = ComparisonOptions.Parse(args, Catalog.Workloads, out var problem);
if (options is null)
{
    Console.Error.WriteLine(problem);
    return 1;
}

var checks = await Comparison.RunAsync(options);
return checks ? 0 : 1;
