using StreamKit.State;

namespace StreamKit.Tests.State;

/// <summary>The hash table of a map, beside a dictionary.</summary>
public class MapCellTests
{
    [Fact]
    public void Cell_RandomWorkWithNumbers_HoldsWhatADictionaryHolds() => Work(static number => (long)number << (number % 40));

    [Fact]
    public void Cell_RandomWorkWithTexts_HoldsWhatADictionaryHolds() => Work(static number => new string((char)('a' + (number % 3)), number % 14) + number);

    [Fact]
    public void Cell_RandomWorkWithRecords_HoldsWhatADictionaryHolds() => Work(static number => new Pair(number % 20, number / 20));

    [Fact]
    public void Find_OfNothing_IsRefused() => Assert.Throws<ArgumentNullException>(static () => new MapCell<string, int>(epoch: 1).Find(null!)); // what the test is about

    [Fact]
    public void Copy_OfACell_StaysAsItWas()
    {
        var cell = new MapCell<string, int>(epoch: 1);
        Set(cell, "a", 1);
        Set(cell, "b", 2);
        MapCell<string, int> copy = cell.Copy(epoch: 2);

        cell.RemoveAt(cell.Find("a"));
        Set(cell, "b", 3);
        Set(cell, "c", 4);

        Assert.Equal([("a", 1), ("b", 2)], Entries(copy));
        Assert.Equal([("b", 3), ("c", 4)], Entries(cell).Order());
    }

    private static void Work<TKey>(Func<int, TKey> keyOf)
        where TKey : notnull
    {
        var random = new Random(1);
        var cell = new MapCell<TKey, int>(epoch: 1);
        var model = new Dictionary<TKey, int>();
        for (int i = 0; i < 100_000; i++)
        {
            TKey key = keyOf(random.Next(i % 30_000 < 20_000 ? 1_500 : 20));
            int place = cell.Find(key);
            Assert.Equal(model.ContainsKey(key), place >= 0);
            if (place < 0)
            {
                Set(cell, key, i);
                model.Add(key, i);
            }
            else
            {
                Assert.Equal(model[key], cell.Entries[place].Value);
                cell.RemoveAt(place);
                model.Remove(key);
            }

            Assert.Equal(model.Count, cell.Count);
        }

        Assert.Equal(model.Select(static entry => (entry.Key, entry.Value)).ToHashSet(), Entries(cell).ToHashSet());
    }

    private static void Set<TKey>(MapCell<TKey, int> cell, TKey key, int value)
        where TKey : notnull
    {
        int place = cell.Find(key, out uint tag);
        if (place >= 0)
            cell.Entries[place].Value = value;
        else
            cell.Add(tag, key, value);
    }

    private static IEnumerable<(TKey Key, int Value)> Entries<TKey>(MapCell<TKey, int> cell)
        where TKey : notnull => cell.Entries.Take(cell.End).Where(static entry => !entry.IsFree).Select(static entry => (entry.Key, entry.Value));

    private sealed record Pair(int First, int Second);
}
