using System.Text;
using StreamKit.Checkpoints;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Tests.Checkpoints;

public class RestorePlannerTests
{
    private const int Max = 24;
    private static readonly TypeSchema s_long = TypeSchema.Scalar("int64");
    private static readonly TypeSchema s_text = TypeSchema.Scalar("string");

    public static TheoryData<int, int> Parallelisms
    {
        get
        {
            var data = new TheoryData<int, int>();
            for (int from = 1; from <= 9; from++)
            {
                for (int to = 1; to <= 9; to++)
                {
                    data.Add(from, to);
                }
            }

            data.Add(Max, 5);
            data.Add(5, Max);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Parallelisms))]
    public void Plan_AnyParallelismToAny_EveryKeyGroupOfEverySegmentHasOneOwner(int from, int to)
    {
        CheckpointManifest manifest = Manifest(Operator(from, layers: 3));

        RestorePlan plan = RestorePlanner.Plan(manifest, [Planned(to)], Max, []);

        for (int layer = 0; layer < 3; layer++)
        {
            for (int keyGroup = 0; keyGroup < Max; keyGroup++)
            {
                string expected = $"data/{layer}-{KeyGroups.SubtaskOf(keyGroup, from, Max)}";
                List<string> owners = [];
                for (int subtask = 0; subtask < to; subtask++)
                {
                    SubtaskRestore restore = plan.For("count", subtask)!;
                    Assert.All(restore.Segments, s => Assert.Equal(s.KeyGroups, s.KeyGroups.Intersect(restore.KeyGroups)));
                    owners.AddRange(restore.Segments.Where(s => s.Sequence == layer && s.KeyGroups.Contains(keyGroup)).Select(s => s.ObjectName!));
                }

                Assert.Equal(expected, Assert.Single(owners));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Parallelisms))]
    public void Plan_AnyParallelismToAny_EveryListItemGoesToOneSubtaskAndLoadIsEven(int from, int to)
    {
        CheckpointManifest manifest = Manifest(Operator(from, items: 7));

        RestorePlan plan = RestorePlanner.Plan(manifest, [Planned(to)], Max, []);

        List<string>[] items = [.. Enumerable.Range(0, to).Select(s => plan.For("count", s)!.Lists["splits"].Items.Select(i => Encoding.UTF8.GetString(i.Span)).ToList())];
        string[] expected = [.. Enumerable.Range(0, from).SelectMany(s => Enumerable.Range(0, 7).Select(i => $"{s}:{i}"))];
        Assert.Equal(expected.Order(), items.SelectMany(i => i).Order());
        Assert.InRange(items.Max(i => i.Count) - items.Min(i => i.Count), 0, 1);
        if (from == to)
        {
            Assert.All(Enumerable.Range(0, to), s => Assert.All(items[s], i => Assert.StartsWith($"{s}:", i)));
        }
    }

    [Theory]
    [MemberData(nameof(Parallelisms))]
    public void Plan_AnyParallelismToAny_EachSubtaskGetsAllItemsOfUnionLists(int from, int to)
    {
        CheckpointManifest manifest = Manifest(Operator(from, items: 3) with { UnionLists = ["splits"] });

        RestorePlan plan = RestorePlanner.Plan(manifest, [Planned(to)], Max, []);

        string[] expected = [.. Enumerable.Range(0, from).SelectMany(s => Enumerable.Range(0, 3).Select(i => $"{s}:{i}"))];
        Assert.All(Enumerable.Range(0, to).Select(s => plan.For("count", s)!.Lists["splits"]), list =>
        {
            Assert.True(list.IsUnion);
            Assert.Equal(expected, list.Items.Select(i => Encoding.UTF8.GetString(i.Span)));
        });
    }

    [Fact]
    public void Plan_Segments_ComeFromTheOldestToTheNewest()
    {
        OperatorManifest stored = Operator(2, layers: 4);
        stored = stored with { Segments = [.. stored.Segments.Reverse()] };

        RestorePlan plan = RestorePlanner.Plan(Manifest(stored), [Planned(1)], Max, []);

        Assert.Equal([0L, 0, 1, 1, 2, 2, 3, 3], plan.For("count", 0)!.Segments.Select(s => s.Sequence));
    }

    [Fact]
    public void Plan_ScaledOutAndInAgain_KeepsTheClips()
    {
        CheckpointManifest one = Manifest(Operator(1));
        SubtaskRestore[] two = [.. Enumerable.Range(0, 2).Select(s => RestorePlanner.Plan(one, [Planned(2)], Max, []).For("count", s)!)];
        OperatorManifest scaled = Operator(2) with { Segments = [.. two.SelectMany(t => t.Segments)] };

        SubtaskRestore again = RestorePlanner.Plan(Manifest(scaled), [Planned(1)], Max, []).For("count", 0)!;

        Assert.Equal([new KeyGroupRange(0, 11), new KeyGroupRange(12, 23)], again.Segments.Select(s => s.KeyGroups));
    }

    [Theory]
    [InlineData(3, 3, "10 11 12")]
    [InlineData(3, 2, "10 10")]
    [InlineData(3, 4, "10 10 10 10")]
    public void Plan_Watermark_IsItsOwnOrTheLowest(int from, int to, string expected)
    {
        RestorePlan plan = RestorePlanner.Plan(Manifest(Operator(from)), [Planned(to)], Max, []);

        Assert.Equal(expected, string.Join(' ', Enumerable.Range(0, to).Select(s => plan.For("count", s)!.Watermark)));
    }

    [Fact]
    public void Plan_NewOperator_StartsEmpty()
    {
        RestorePlan plan = RestorePlanner.Plan(Manifest(Operator(2)), [Planned(2), Planned(2) with { Name = "new" }], Max, []);

        Assert.Null(plan.For("new", 0));
    }

    [Fact]
    public void Plan_OperatorWithoutStateGone_IsNoFault()
    {
        OperatorManifest stateless = Operator(2, layers: 0, items: 0);

        RestorePlan plan = RestorePlanner.Plan(Manifest(stateless), [], Max, []);

        Assert.Null(plan.For("count", 0));
    }

    [Fact]
    public void Unclaimed_Operators_AreThoseWithStateThatTheJobDoesNotHave()
    {
        OperatorManifest lists = Operator(2, layers: 0) with { Name = "lists" };
        OperatorManifest keyed = Operator(2, items: 0) with { Name = "keyed" };
        OperatorManifest stateless = Operator(2, layers: 0, items: 0) with { Name = "stateless" };

        IEnumerable<OperatorManifest> unclaimed = RestorePlanner.Unclaimed(Manifest(Operator(2), lists, keyed, stateless), [Planned(1)]);

        Assert.Equal(["lists", "keyed"], unclaimed.Select(each => each.Name));
    }

    [Fact]
    public void Plan_Transactions_AreThoseOfTheManifest()
    {
        CheckpointManifest manifest = Manifest(Operator(1)) with { Transactions = [new PreparedTransaction("out", "t1", default)] };

        RestorePlan plan = RestorePlanner.Plan(manifest, [Planned(1)], Max, ["out"]);

        Assert.Equal(manifest.Transactions, plan.Transactions);
    }

    [Fact]
    public void Plan_NothingFits_ListsEveryReason()
    {
        OperatorManifest unkeyed = Operator(2) with { Name = "unkeyed" };
        OperatorManifest rekeyed = Operator(2) with { Name = "rekeyed" };
        OperatorManifest changed = Operator(2) with { Name = "changed" };
        CheckpointManifest manifest = Manifest(unkeyed, rekeyed, changed) with { Transactions = [new PreparedTransaction("gone", "t1", default)] };
        PlannedOperator[] operators =
        [
            Planned(2) with { Name = "unkeyed", Key = null },
            Planned(2) with { Name = "rekeyed", Key = s_long },
            Planned(Max + 1) with
            {
                Name = "changed",
                States = [new StateSignature("total", StateKind.List, s_long), new StateSignature("last", StateKind.Value, s_text)],
            },
        ];

        var failure = Assert.Throws<StreamKitException>(() => RestorePlanner.Plan(manifest, operators, Max - 1, [], ["Something else."]));

        Assert.Contains($"maximum parallelism is {Max - 1}, but the state is divided by {Max}", failure.Message);
        Assert.Contains("Something else.", failure.Message);
        Assert.Contains("'unkeyed' has keyed state in the checkpoint, but its input is not keyed", failure.Message);
        Assert.Contains("key of operator 'rekeyed' is int64, but its state is stored by string", failure.Message);
        Assert.Contains("Operator 'changed': State 'total' is Value state in the checkpoint, but the operator declares it as List state", failure.Message);
        Assert.Contains("Operator 'changed': State 'last' holds string, but int64 in the checkpoint: it was int64, now string", failure.Message);
        Assert.Contains($"'changed' has a parallelism of {Max + 1}, above the maximum of {Max - 1}", failure.Message);
        Assert.Contains("Sink 'gone' has 1 transactions to be committed", failure.Message);
        Assert.Equal(9, failure.Message.Split(Environment.NewLine).Length);
    }

    private static PlannedOperator Planned(int parallelism) =>
        new() { Name = "count", Parallelism = parallelism, Key = s_text };

    private static OperatorManifest Operator(int parallelism, int layers = 1, int items = 1) => new()
    {
        Name = "count",
        Parallelism = parallelism,
        Key = s_text,
        States = [new StateDescriptor(0, "total", StateKind.Value, s_long), new StateDescriptor(1, "last", StateKind.Value, s_long)],
        NextStateId = 2,
        Lists = new Dictionary<string, TypeSchema> { ["splits"] = TypeSchema.Custom("split") },
        Segments =
        [
            .. Enumerable.Range(0, parallelism).SelectMany(subtask => Enumerable.Range(0, layers).Select(layer => new SegmentReference
            {
                ObjectName = $"data/{layer}-{subtask}",
                Length = 100,
                KeyGroups = KeyGroups.RangeOf(subtask, parallelism, Max),
                Sequence = layer,
                Checksum = 1,
            })),
        ],
        Subtasks =
        [
            .. Enumerable.Range(0, parallelism).Select(subtask => new SubtaskManifest(
                subtask,
                10 + subtask,
                new Dictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>>
                {
                    ["splits"] = [.. Enumerable.Range(0, items).Select(i => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes($"{subtask}:{i}")))],
                })),
        ],
    };

    private static CheckpointManifest Manifest(params OperatorManifest[] operators) => new()
    {
        Job = new JobIdentity("job", Guid.Empty, Max),
        Number = 2,
        Claim = 1,
        Timestamp = 0,
        Operators = operators,
        Transactions = [],
    };
}
