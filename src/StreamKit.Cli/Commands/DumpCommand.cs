using System.Text.Json;

namespace StreamKit.Cli.Commands;

/// <summary>Keyed state, decoded by the types that stand beside it.</summary>
internal sealed class DumpCommand : Command
{
    private const string Json = "--json";

    public override string Name => "dump";

    public override string Summary => "prints keyed state, a line for each key";

    public override string Help => """
        streamkit dump FOLDER [--checkpoint N] [--operator NAME] [--state NAME] [--json]

          --checkpoint N    that checkpoint instead of the newest one
          --operator NAME   only that operator
          --state NAME      only states of that name
          --json            a JSON object in each line, with operator, state, kind, keyGroup, key and value
        """;

    public override IReadOnlyCollection<string> Options => ["--checkpoint", "--operator", "--state"];

    public override IReadOnlyCollection<string> Switches => [Json];

    public override async Task<ExitCode> RunAsync(Arguments arguments, TextWriter output, CancellationToken cancellation)
    {
        var reader = await Location.OpenAsync(arguments.Places("a folder")[0], arguments.Number("--checkpoint"), cancellation);
        var found = false;
        foreach (var each in reader.Operators.Where(each => arguments.Value("--operator") is not { } wanted || each.Name == wanted))
        {
            foreach (var state in each.States.Where(state => arguments.Value("--state") is not { } wanted || state.Name == wanted))
            {
                found = true;
                await foreach (var entry in reader.ReadJsonAsync(each.Name, state.Name, cancellation))
                    output.WriteLine(arguments.Has(Json) ? Line(each.Name, entry) : $"{each.Name}/{entry.State} {entry.Key} {entry.Value}");
            }
        }

        return found || arguments.Value("--operator") is null && arguments.Value("--state") is null
            ? ExitCode.Success
            : throw new StreamKitException($"There is no such keyed state. There are: {string.Join(", ", reader.Operators.SelectMany(static each => each.States.Select(state => $"'{each.Name}'/'{state.Name}'")).DefaultIfEmpty("none"))}.");
    }

    private static string Line(string operatorName, StoredEntry entry)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("operator", operatorName);
            json.WriteString("state", entry.State);
            json.WriteString("kind", entry.Kind);
            json.WriteNumber("keyGroup", entry.KeyGroup);
            json.WritePropertyName("key");
            json.WriteRawValue(entry.Key);
            json.WritePropertyName("value");
            json.WriteRawValue(entry.Value);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }
}
