using StreamKit.Checkpoints;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Tests.Checkpoints;

public class ManifestBuilderTests
{
    [Fact]
    public void Build_OfUnionAndOtherLists_NamesTheUnions()
    {
        OperatorManifest manifest = Assert.Single(ManifestBuilder.Build([Snapshot(0, ("b", true), ("a", false)), Snapshot(1, ("a", false), ("c", true), ("b", true))]));

        Assert.Equal(["a", "b", "c"], manifest.Lists.Keys.Order());
        Assert.Equal(["b", "c"], manifest.UnionLists);
    }

    [Fact]
    public void Build_OfAListThatIsAUnionInOneSubtaskOnly_IsRefused()
    {
        var failure = Assert.Throws<StreamKitException>(() => ManifestBuilder.Build([Snapshot(0, ("b", true)), Snapshot(1, ("b", false))]));

        Assert.Contains("Operator 'op': list state 'b' is a union list in one subtask and an ordinary one in another", failure.Message, StringComparison.Ordinal);
    }

    private static SubtaskSnapshot Snapshot(int subtask, params (string Name, bool IsUnion)[] lists) => new(
        new SubtaskId("op", subtask),
        [
            new OperatorSnapshot
            {
                OperatorName = "op",
                Parallelism = 2,
                Subtask = subtask,
                Watermark = 0,
                Lists = lists.ToDictionary(each => each.Name, each => new ListSnapshot(TypeSchema.Scalar("int64"), [], each.IsUnion)),
            },
        ]);
}
