using StreamKit.Operators;

namespace StreamKit.Tests.Operators;

/// <summary>A lambda has one compiled body, however often a job is built of it.</summary>
public class JitSitesTests
{
    [Fact]
    public void Create_OfOneLambda_GivesOneTypeHoweverOften()
    {
        var types = new HashSet<Type>();

        for (var i = 0; i < 1_000; i++)
            types.Add(Loop(static x => x + 1).GetType());

        Assert.Single(types);
    }

    [Fact]
    public void Create_OfOneLambdaWithOtherCapturedValues_GivesOneType()
    {
        var types = Enumerable.Range(0, 10).Select(added => Loop(x => x + added).GetType());

        Assert.Single(types.Distinct());
    }

    [Fact]
    public void Create_OfOtherLambdas_GivesEachATypeOfItsOwn() =>
        Assert.NotEqual(Loop(static x => x + 1).GetType(), Loop(static x => x + 2).GetType());

    private static IMapLoop<long, long> Loop(Func<long, long> function) =>
        JitSites.Create<IMapLoop<long, long>>(() => new MapDelegate<long, long, SharedSite>(function), function, function);
}
