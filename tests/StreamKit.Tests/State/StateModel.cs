using StreamKit.State;

namespace StreamKit.Tests.State;

/// <summary>What one key should hold, in plain collections.</summary>
internal sealed class ModelRow
{
    public long? Total { get; set; }

    public string? Name { get; set; }

    public int? Box { get; set; }

    public List<long> Numbers { get; init; } = [];

    public List<int> Boxes { get; init; } = [];

    public Dictionary<int, string> Words { get; init; } = [];

    public Dictionary<string, int> BoxesByName { get; init; } = [];

    public long? Largest { get; set; }

    public (int Count, long Sum)? Average { get; set; }

    public bool IsEmpty => Total is null && Name is null && Box is null && Numbers.Count == 0 && Boxes.Count == 0 && Words.Count == 0
        && BoxesByName.Count == 0 && Largest is null && Average is null;

    public ModelRow Copy() => new()
    {
        Total = Total,
        Name = Name,
        Box = Box,
        Numbers = [.. Numbers],
        Boxes = [.. Boxes],
        Words = new(Words),
        BoxesByName = new(BoxesByName),
        Largest = Largest,
        Average = Average,
    };
}

/// <summary>The same operations on handles of every kind and on the model.</summary>
internal sealed class StateModel<TKey>
    where TKey : notnull
{
    private ValueState<long> _total = null!; // declared by the constructor
    private ValueState<string> _name = null!; // declared by the constructor
    private ValueState<Box> _box = null!; // declared by the constructor
    private ListState<long> _numbers = null!; // declared by the constructor
    private ListState<Box> _boxes = null!; // declared by the constructor
    private MapState<int, string> _words = null!; // declared by the constructor
    private MapState<string, Box> _boxesByName = null!; // declared by the constructor
    private ReducingState<long> _largest = null!; // declared by the constructor
    private AggregatingState<long, (int Count, long Sum)> _average = null!; // declared by the constructor

    /// <summary>Declares all states, in an order that differs from seed to seed.</summary>
    public StateModel(KeyedState<TKey> state, SerializerRegistry serializers, int seed)
    {
        State = state;
        var context = new KeyedStateContext(state, serializers);
        Action[] declarations =
        [
            () => _total = context.Value<long>("total"),
            () => _name = context.Value<string>("name"),
            () => _box = context.Value<Box>("box"),
            () => _numbers = context.List<long>("numbers"),
            () => _boxes = context.List<Box>("boxes"),
            () => _words = context.Map<int, string>("words"),
            () => _boxesByName = context.Map<string, Box>("boxes by name"),
            () => _largest = context.Reducing<long>("largest", Math.Max),
            () => _average = context.Aggregating("average", new AverageFunction()),
        ];
        new Random(seed).Shuffle(declarations);
        foreach (Action declare in declarations)
            declare();
        context.Close();
    }

    public KeyedState<TKey> State { get; }

    /// <summary>Does one random thing to the current key and to its model.</summary>
    public void Change(ModelRow row, Random random)
    {
        int number = random.Next(1_000);
        switch (random.Next(20))
        {
            case 0:
                _total.Value = number;
                row.Total = number;
                break;
            case 1:
                _total.Ref += number;
                row.Total = (row.Total ?? 0) + number;
                break;
            case 2:
                _name.Value = number % 5 == 0 ? null! : "n" + number;
                row.Name = number % 5 == 0 ? null : "n" + number;
                break;
            case 3:
                _box.Value = new Box { Content = number };
                row.Box = number;
                break;
            case 4 when row.Box is not null:
                _box.Value!.Content = number;
                row.Box = number;
                break;
            case 5:
                _numbers.Add(number);
                row.Numbers.Add(number);
                break;
            case 6 when number % 50 == 0:
                _numbers.AddRange(Enumerable.Range(0, 3_000).Select(i => (long)i * number));
                row.Numbers.AddRange(Enumerable.Range(0, 3_000).Select(i => (long)i * number));
                break;
            case 7:
                _numbers.Update(_numbers.Where(item => item % 2 == 0));
                row.Numbers.RemoveAll(item => item % 2 != 0);
                break;
            case 8:
                _boxes.Add(new Box { Content = number });
                row.Boxes.Add(number);
                break;
            case 9 when row.Boxes.Count > 0:
                _boxes[number % row.Boxes.Count].Content = number;
                row.Boxes[number % row.Boxes.Count] = number;
                break;
            case 10:
                _words[number % 50] = "w" + number;
                row.Words[number % 50] = "w" + number;
                break;
            case 11 when number % 50 == 0:
                for (int i = 0; i < 1_500; i++)
                    _words[i] = row.Words[i] = "many" + number;
                break;
            case 12:
                Assert.Equal(row.Words.Remove(number % 50), _words.Remove(number % 50));
                break;
            case 13:
                _boxesByName["b" + (number % 10)] = new Box { Content = number };
                row.BoxesByName["b" + (number % 10)] = number;
                break;
            case 14:
                foreach ((string key, Box box) in _boxesByName)
                    row.BoxesByName[key] = ++box.Content;
                break;
            case 15:
                _largest.Add(number);
                row.Largest = Math.Max(row.Largest ?? number, number);
                break;
            case 16:
                _average.Add(number);
                row.Average = ((row.Average?.Count ?? 0) + 1, (row.Average?.Sum ?? 0) + number);
                break;
            case 17:
                Check(row);
                break;
            case 18:
                ClearOne(row, number % 9);
                break;
            case 19 when number % 3 == 0:
                for (int i = 0; i < 9; i++)
                    ClearOne(row, i);
                break;
        }
    }

    /// <summary>Whether the current key holds what its model says.</summary>
    public void Check(ModelRow row)
    {
        Assert.Equal(row.Total is not null, _total.HasValue);
        Assert.Equal(row.Total ?? 0, _total.Value);
        Assert.Equal(row.Name, _name.TryGet(out string? name) ? name : null);
        Assert.Equal(row.Box, _box.Peek?.Content);
        Assert.Equal(row.Numbers.Count, _numbers.Count);
        Assert.True(row.Numbers.SequenceEqual(_numbers)); // xunit's own comparison takes a hundred times longer
        Assert.Equal(row.Boxes, _boxes.Select(box => box.Content));
        Assert.True(row.Words.OrderBy(entry => entry.Key).SequenceEqual(_words.OrderBy(entry => entry.Key)));
        Assert.Equal(row.BoxesByName.OrderBy(entry => entry.Key), _boxesByName.Select(entry => KeyValuePair.Create(entry.Key, entry.Value.Content)).OrderBy(entry => entry.Key));
        Assert.Equal(row.Largest ?? 0, _largest.Value);
        Assert.Equal(row.Largest is not null, _largest.HasValue);
        Assert.Equal(row.Average, _average.TryGet(out (int, long) average) ? average : null);
    }

    private void ClearOne(ModelRow row, int state)
    {
        switch (state)
        {
            case 0:
                _total.Clear();
                row.Total = null;
                break;
            case 1:
                _name.Clear();
                row.Name = null;
                break;
            case 2:
                _box.Clear();
                row.Box = null;
                break;
            case 3:
                _numbers.Clear();
                row.Numbers.Clear();
                break;
            case 4:
                _boxes.Clear();
                row.Boxes.Clear();
                break;
            case 5:
                _words.Clear();
                row.Words.Clear();
                break;
            case 6:
                _boxesByName.Clear();
                row.BoxesByName.Clear();
                break;
            case 7:
                _largest.Clear();
                row.Largest = null;
                break;
            case 8:
                _average.Clear();
                row.Average = null;
                break;
        }
    }
}
