using System.Diagnostics;

namespace StreamKit.Tests.Serialization;

/// <summary>
/// Other MessagePack libraries read what StreamKit writes, and StreamKit reads what they write.
/// STREAMKIT_PYTHON names a Python that imports msgpack (on Debian: apt-get install python3-msgpack, then /usr/bin/python3);
/// STREAMKIT_NODE_MODULES a node_modules folder with @msgpack/msgpack (npm install @msgpack/msgpack). test.sh sets both.
/// </summary>
public class InteropTests
{
    // Each line in is one value in hex; each line out is what the library makes of it as text, a tab, and the library's own bytes of it in hex.
    private const string Python = """
        import sys, msgpack
        for line in sys.stdin:
            value = msgpack.unpackb(bytes.fromhex(line.strip()), use_list=False, strict_map_key=False)
            print(ascii(value), msgpack.packb(value).hex(), sep='\t')
        """;

    private const string Node = """
        const { encode, decode, ExtData, ExtensionCodec } = require(process.env.STREAMKIT_NODE_MODULES + '/@msgpack/msgpack');
        const extensionCodec = new ExtensionCodec();
        extensionCodec.register({ type: -1, encode: () => null, decode: data => new ExtData(-1, data) });
        const text = v => JSON.stringify(v, (k, x) => typeof x === 'bigint' ? x + 'n' : x);
        for (const line of require('fs').readFileSync(0, 'utf8').split('\n').filter(l => l.length)) {
          const value = decode(new Uint8Array(Buffer.from(line, 'hex')), { useBigInt64: true, extensionCodec });
          console.log(text(value) + '\t' + Buffer.from(encode(value, { useBigInt64: true, extensionCodec })).toString('hex'));
        }
        """;

    private readonly SerializerRegistry _registry = new();

    [Fact]
    public void Python_ReadsWhatWeWrite()
    {
        string[] texts = [.. RunPython([.. Samples().Select(s => s.Bytes)]).Select(o => o.Text)];

        Assert.Equal(
            [
                "(99.95, Timestamp(seconds=1714566600, nanoseconds=500000000), 'card-00042', 1234567890, 70000)",
                "{'a': (1, 2), '\\xe9': ()}",
                "(1, None, True, b'\\x01\\xff')",
                "((110, 2), -9223372036854775808, 18446744073709551615)",
            ],
            texts);
    }

    [Fact]
    public void Node_ReadsWhatWeWrite()
    {
        string[] texts = [.. RunNode([.. Samples().Select(s => s.Bytes)]).Select(o => o.Text)];

        Assert.Equal(
            [
                """[99.95,{"type":-1,"data":{"0":119,"1":53,"2":148,"3":0,"4":102,"5":50,"6":53,"7":200}},"card-00042",1234567890,70000]""",
                """{"a":[1,2],"é":[]}""",
                """[1,null,true,{"0":1,"1":255}]""",
                """[[110,2],"-9223372036854775808n","18446744073709551615n"]""",
            ],
            texts);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    public void Python_RandomValues_ComeBackWithPythonsBytes(int seed) => ComeBack(seed, withMaps: true, RunPython);

    [Theory]
    [InlineData(41)]
    [InlineData(42)]
    public void Node_RandomValues_ComeBackWithNodesBytes(int seed) => ComeBack(seed, withMaps: false, RunNode); // JavaScript reorders keys like "1"

    private void ComeBack(int seed, bool withMaps, Func<byte[][], (string Text, byte[] Bytes)[]> run)
    {
        var values = new RandomValues(seed);
        var cases = Enumerable.Range(0, 200).Select(_ =>
        {
            var type = values.NextType(2, withMaps);
            var serializer = AnySerializer.For(_registry, type);
            return (Type: type, Serializer: serializer, Bytes: serializer.Write(values.Next(type)));
        }).ToArray();

        var theirs = run([.. cases.Select(c => c.Bytes)]);

        Assert.Equal(cases.Length, theirs.Length);
        for (var i = 0; i < cases.Length; i++)
        {
            var read = cases[i].Serializer.Read(theirs[i].Bytes);
            Assert.True(cases[i].Bytes.AsSpan().SequenceEqual(cases[i].Serializer.Write(read)), $"seed {seed}, value {i} of type {cases[i].Type}: {theirs[i].Text}");
        }
    }

    private IEnumerable<(object Value, byte[] Bytes)> Samples()
    {
        object[] values =
        [
            new Payment(1_234_567_890, "card-00042", new DateTime(2024, 5, 1, 12, 30, 0, 500, DateTimeKind.Utc), 99.95, 70_000),
            new Dictionary<string, int[]> { ["a"] = [1, 2], ["é"] = [] },
            ((int?)1, (string?)null, true, new byte[] { 1, 255 }),
            (1.10m, long.MinValue, ulong.MaxValue),
        ];
        return values.Select(v => (v, AnySerializer.For(_registry, v.GetType()).Write(v)));
    }

    private static (string Text, byte[] Bytes)[] RunPython(byte[][] values)
    {
        var python = Environment.GetEnvironmentVariable("STREAMKIT_PYTHON");
        Assert.SkipWhen(string.IsNullOrEmpty(python), "STREAMKIT_PYTHON names no Python with msgpack: apt-get install python3-msgpack, then STREAMKIT_PYTHON=/usr/bin/python3");
        return Run(python, ["-c", Python], values);
    }

    private static (string Text, byte[] Bytes)[] RunNode(byte[][] values)
    {
        Assert.SkipWhen(
            string.IsNullOrEmpty(Environment.GetEnvironmentVariable("STREAMKIT_NODE_MODULES")),
            "STREAMKIT_NODE_MODULES names no folder with @msgpack/msgpack: npm install @msgpack/msgpack, then the path of node_modules");
        return Run("node", ["-e", Node], values);
    }

    private static (string Text, byte[] Bytes)[] Run(string program, string[] arguments, byte[][] values)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        foreach (var value in values)
            process.StandardInput.WriteLine(Convert.ToHexStringLower(value));
        process.StandardInput.Close();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(1)), $"'{program}' did not end within a minute.");

#pragma warning disable xUnit1031 // The process has ended: both are complete.
        Assert.True(process.ExitCode == 0, errors.Result);
        return [.. output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')).Select(p => (p[0], Convert.FromHexString(p[1].Trim())))];
#pragma warning restore xUnit1031
    }
}
