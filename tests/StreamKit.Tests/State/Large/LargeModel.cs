using StreamKit.State;

namespace StreamKit.Tests.State.Large;

/// <summary>What one key should hold in lists and maps, in plain collections.</summary>
internal sealed class LargeModelRow
{
    public List<long> Numbers { get; init; } = [];

    public List<string> Texts { get; init; } = [];

    public List<int> Boxes { get; init; } = [];

    public Dictionary<int, string> Words { get; init; } = [];

    public Dictionary<string, string> Names { get; init; } = [];

    public Dictionary<long, int> BoxesById { get; init; } = [];

    public bool IsEmpty => Numbers.Count + Texts.Count + Boxes.Count + Words.Count + Names.Count + BoxesById.Count == 0;

    public LargeModelRow Copy() => new() { Numbers = [.. Numbers], Texts = [.. Texts], Boxes = [.. Boxes], Words = new(Words), Names = new(Names), BoxesById = new(BoxesById) };
}

/// <summary>The same work on lists and maps of thousands of entries and on their models.</summary>
internal sealed class LargeModel
{
    private const int Entries = 6_000;

    private readonly ListState<long> _numbers;
    private readonly ListState<string> _texts;
    private readonly ListState<Box> _boxes;
    private readonly MapState<int, string> _words;
    private readonly MapState<string, string> _names;
    private readonly MapState<long, Box> _boxesById;

    public LargeModel(KeyedState<long> state, SerializerRegistry serializers)
    {
        State = state;
        var context = new KeyedStateContext(state, serializers);
        _numbers = context.List<long>("numbers");
        _texts = context.List<string>("texts");
        _boxes = context.List<Box>("boxes");
        _words = context.Map<int, string>("words");
        _names = context.Map<string, string>("names");
        _boxesById = context.Map<long, Box>("boxes by id");
        context.Close();
    }

    public KeyedState<long> State { get; }

    /// <summary>Does one random thing to the current key and to its model.</summary>
    public void Change(LargeModelRow row, Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                ChangeNumbers(row.Numbers, random);
                break;
            case 1:
                ChangeBoxes(row.Boxes, random);
                break;
            case 2:
                ChangeWords(_words, row.Words, static key => key, random);
                break;
            case 4:
                ChangeWords(_names, row.Names, static key => new string('n', key % 11) + key, random);
                break;
            case 5:
                ChangeTexts(row.Texts, random);
                break;
            case 3:
                ChangeBoxesById(row.BoxesById, random);
                break;
        }
    }

    /// <summary>Whether the current key holds what its model says.</summary>
    public void Check(LargeModelRow row)
    {
        Assert.Equal(row.Numbers.Count, _numbers.Count);
        Assert.True(row.Numbers.SequenceEqual(_numbers), "numbers");
        Assert.Equal(row.Texts, _texts);
        Assert.Equal(row.Boxes.Count, _boxes.Count);
        Assert.True(row.Boxes.SequenceEqual(_boxes.Select(static box => box.Content)), "boxes");
        Assert.Equal(row.Words.Count, _words.Count);
        Assert.True(row.Words.OrderBy(static entry => entry.Key).SequenceEqual(_words.OrderBy(static entry => entry.Key)), "words");
        Assert.True(row.Words.Keys.Order().SequenceEqual(_words.Keys.Order()), "words' keys");
        Assert.Equal(row.Names.Count, _names.Count);
        Assert.True(row.Names.OrderBy(static entry => entry.Key).SequenceEqual(_names.OrderBy(static entry => entry.Key)), "names");
        Assert.Equal(row.BoxesById.Count, _boxesById.Keys.Count);
        Assert.True(row.BoxesById.OrderBy(static entry => entry.Key).SequenceEqual(_boxesById.Select(static entry => KeyValuePair.Create(entry.Key, entry.Value.Content)).OrderBy(static entry => entry.Key)), "boxes by id");
    }

    private void ChangeNumbers(List<long> model, Random random)
    {
        int count = random.Next(3) == 0 ? random.Next(1_500) : 1;
        long number = (long)random.Next() << random.Next(30);
        switch (random.Next(12))
        {
            case < 6:
                long[] added = [.. Enumerable.Range(0, count).Select(i => number + i)];
                _numbers.AddRange(added);
                model.AddRange(added);
                break;
            case < 10 when model.Count > 0:
                int index = random.Next(model.Count);
                Assert.Equal(model[index], _numbers[index]);
                _numbers[index] = model[index] = number;
                break;
            case 10 when random.Next(3) == 0:
                _numbers.Update(_numbers.Where(static item => item % 3 != 0));
                model.RemoveAll(static item => item % 3 == 0);
                break;
            case 11 when random.Next(3) == 0:
                _numbers.Clear();
                model.Clear();
                break;
        }
    }

    private void ChangeTexts(List<string> model, Random random)
    {
        string text = new((char)('a' + random.Next(26)), random.Next(4) == 0 ? random.Next(9_000) : 3);
        switch (random.Next(12))
        {
            case < 5:
                _texts.Add(text);
                model.Add(text);
                break;
            case < 10 when model.Count > 0:
                int index = random.Next(model.Count);
                _texts[index] = model[index] = text;
                break;
            case 10:
                _texts.Update(model.Take(3).Append(text));
                model.RemoveRange(Math.Min(3, model.Count), Math.Max(0, model.Count - 3));
                model.Add(text);
                break;
            case 11 when random.Next(3) == 0:
                _texts.Clear();
                model.Clear();
                break;
        }
    }

    private void ChangeBoxes(List<int> model, Random random)
    {
        switch (random.Next(12))
        {
            case < 6:
                for (int left = random.Next(3) == 0 ? random.Next(700) : 1; left > 0; left--)
                {
                    _boxes.Add(new Box { Content = left });
                    model.Add(left);
                }

                break;
            case < 9 when model.Count > 0:
                int index = random.Next(model.Count);
                _boxes[index].Content = model[index] = random.Next();
                break;
            case 9:
                foreach ((int i, Box box) in _boxes.Take(random.Next(model.Count + 1)).Index())
                    model[i] = ++box.Content;
                break;
            case 10 when random.Next(3) == 0:
                _boxes.Update(_boxes.Take(50));
                model.RemoveRange(Math.Min(50, model.Count), Math.Max(0, model.Count - 50));
                break;
            case 11 when random.Next(3) == 0:
                _boxes.Clear();
                model.Clear();
                break;
        }
    }

    private static void ChangeWords<TKey>(MapState<TKey, string> words, Dictionary<TKey, string> model, Func<int, TKey> keyOf, Random random)
        where TKey : notnull
    {
        int number = random.Next(Entries);
        TKey key = keyOf(number);
        switch (random.Next(12))
        {
            case < 4:
                string word = new((char)('a' + (number % 26)), random.Next(20) == 0 ? 3_000 : 5);
                words[key] = model[key] = word;
                break;
            case < 6:
                for (int left = random.Next(random.Next(10) == 0 ? 5_000 : 1_200); left > 0; left--, number++)
                    words[keyOf(number % Entries)] = model[keyOf(number % Entries)] = "w" + left;
                break;
            case 6:
                foreach (TKey old in model.Keys.Take(20).ToList())
                    words[old] = model[old] = "set " + number;
                break;
            case 7:
                for (int left = random.Next(1_200); left > 0; left--, number++)
                    Assert.Equal(model.Remove(keyOf(number % Entries)), words.Remove(keyOf(number % Entries)));
                break;
            case 8:
                foreach ((TKey old, string text) in words)
                {
                    if (text.Length < 5 && model.Remove(old))
                        words.Remove(old);
                }

                break;
            case 9:
                Assert.Equal(model.TryGetValue(key, out string? expected), words.TryGetValue(key, out string? found));
                Assert.Equal(expected, found);
                Assert.Equal(model.ContainsKey(key), words.ContainsKey(key));
                break;
            case 10 when random.Next(6) == 0:
                words.Clear();
                model.Clear();
                break;
        }
    }

    private void ChangeBoxesById(Dictionary<long, int> model, Random random)
    {
        long key = random.Next(Entries);
        switch (random.Next(12))
        {
            case < 3:
                _boxesById[key] = new Box { Content = (int)key };
                model[key] = (int)key;
                break;
            case < 5:
                for (int left = random.Next(900); left > 0; left--, key++)
                {
                    _boxesById[key] = new Box { Content = left };
                    model[key] = left;
                }

                break;
            case < 7 when model.Count > 0:
                key = model.Keys.ElementAt(random.Next(model.Count));
                Assert.True(_boxesById.TryGetValue(key, out Box? box));
                model[key] = ++box.Content;
                break;
            case 7:
                foreach ((long id, Box some) in _boxesById.Take(random.Next(model.Count + 1)))
                    model[id] = --some.Content;
                break;
            case 8:
                foreach (Box every in _boxesById.Values)
                    every.Content /= 2;
                foreach (long id in model.Keys)
                    model[id] /= 2;
                break;
            case 9:
                foreach (long id in _boxesById.Keys)
                {
                    if (id % 5 != key % 5)
                        _boxesById.Remove(id);
                }

                foreach (long id in model.Keys.Where(id => id % 5 != key % 5).ToList())
                    model.Remove(id);
                break;
            case 10 when random.Next(6) == 0:
                _boxesById.Clear();
                model.Clear();
                break;
        }
    }
}
