namespace StreamKit.State.Faster.Tests;

/// <summary>A job may have hundreds of stores, most of them with few rows.</summary>
public class IdleStoreTests
{
    private const int Stores = 200;

    [Fact]
    public void Stores_TwoHundredWithOneRowEach_TakeLessThanAMegabyteEach()
    {
        using var folder = new TestFolder();
        using var tier = LocalTier.Open(new LocalStoreOptions { Directory = folder.Path, Stores = Stores, Time = TimeProvider.System });
        List<LocalStore> stores = [];
        var (resident, managed) = (Environment.WorkingSet, GC.GetTotalMemory(forceFullCollection: true));

        for (var i = 0; i < Stores; i++)
        {
            var store = tier.OpenStore($"idle[{i}]", homeHoldsRows: false);
            store.Upsert("key", "value");
            stores.Add(store);
        }

        var residentEach = (Environment.WorkingSet - resident) / Stores;
        var managedEach = (GC.GetTotalMemory(forceFullCollection: false) - managed) / Stores;
        stores.ForEach(store => Assert.Equal("value", store.Read("key")));
        stores.ForEach(store => store.Dispose());
        TestContext.Current.TestOutputHelper!.WriteLine($"{residentEach >> 10} KB resident, {managedEach >> 10} KB of managed heap each");
        Assert.InRange(residentEach, 0, 1 << 20);
    }
}
