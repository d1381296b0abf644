namespace StreamKit.Guards.Tests;

/// <summary>
/// The public API of each package is written down in its PublicAPI.Shipped.txt (released) and PublicAPI.Unshipped.txt (since then),
/// so that a change of a promise is a line in a review. A line '*REMOVED*…' in Unshipped takes back a shipped one.
/// </summary>
public class PublicApiTests
{
    private const string UpdateVariable = "STREAMKIT_UPDATE_API";
    private const string Removed = "*REMOVED*";

    public static TheoryData<string> Packages => [.. Repository.PackableProjects.Select(project => project.Name)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void PublicApi_OfEachPackage_IsWrittenDown(string package)
    {
        var project = Repository.PackableProjects.Single(project => project.Name == package);
        var shippedFile = Path.Combine(project.Folder, "PublicAPI.Shipped.txt");
        var unshippedFile = Path.Combine(project.Folder, "PublicAPI.Unshipped.txt");
        var shipped = Lines(shippedFile);
        var actual = PublicApi.Render(Compilations.Built(project));

        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            Write(shippedFile, shipped);
            Write(unshippedFile, actual.Except(shipped).Concat(shipped.Except(actual).Select(line => Removed + line)));
        }

        var unshipped = Lines(unshippedFile);
        var takenBack = unshipped.Where(line => line.StartsWith(Removed, StringComparison.Ordinal)).Select(line => line[Removed.Length..]).ToHashSet();
        var written = shipped.Where(line => !takenBack.Contains(line))
            .Concat(unshipped.Where(line => !line.StartsWith(Removed, StringComparison.Ordinal)))
            .ToHashSet();

        Verdict.NoneOf(
            actual.Where(line => !written.Contains(line)).Select(line => "+ " + line)
                .Concat(written.Except(actual).Select(line => "- " + line)),
            $"The public API of '{package}' is not the one written down beside it (+ is new, - is gone):",
            $"if every line is wanted, run '{UpdateVariable}=1 dotnet test tests/StreamKit.Guards.Tests --filter PublicApi' and commit "
            + $"{Repository.Relative(unshippedFile)}; else make the member internal.");
    }

    private static List<string> Lines(string file) =>
        File.Exists(file) ? [.. File.ReadAllLines(file).Where(line => line.Length > 0)] : [];

    private static void Write(string file, IEnumerable<string> lines)
    {
        var sorted = lines.Order(StringComparer.Ordinal).ToList();
        File.WriteAllText(file, sorted.Count == 0 ? "" : string.Join('\n', sorted) + "\n");
    }
}
