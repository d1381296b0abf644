using StreamKit.State;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.State.Ttl;

/// <summary>Keyed state of lists and maps whose items and entries expire.</summary>
internal sealed class TimedCollections
{
    private readonly long _ttl;

    public TimedCollections(ManualClock clock, long notBefore, int ttl)
    {
        _ttl = ttl;
        var serializers = new SerializerRegistry();
        State = new KeyedState<long>(new KeyGroupRange(0, 3), 4, serializers.GetKey<long>()) { Clock = new TtlClock(clock, notBefore) };
        var context = new KeyedStateContext(State, serializers);
        var after = StateTtl.After(TimeSpan.FromMilliseconds(ttl));
        Texts = context.List<string>("texts", after);
        Items = context.List<Box>("items", after);
        Words = context.Map<long, string>("words", after);
        Boxes = context.Map<string, Box>("boxes", after);
    }

    public KeyedState<long> State { get; }

    public ListState<string> Texts { get; }

    public ListState<Box> Items { get; }

    public MapState<long, string> Words { get; }

    public MapState<string, Box> Boxes { get; }

    public void Enter(long key)
    {
        int[] slots = new int[1];
        State.Resolve([key], slots);
        State.CurrentSlot = slots[0];
    }

    /// <summary>Has everything expire that nobody uses any more.</summary>
    public void Expire(int keys)
    {
        for (int batch = 0; batch < 20; batch++)
        {
            Enter(keys);
            State.EndBatch();
        }
    }

    /// <summary>Does something to the current key and its model.</summary>
    public void Work(TimedModel model, long now, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                WorkOnWords(model.Words, now + _ttl, random);
                break;
            case 1:
                WorkOnBoxes(model.Boxes, now + _ttl, random);
                break;
            case 2:
                WorkOnTexts(model.Texts, now + _ttl, random);
                break;
            case 3:
                WorkOnItems(model.Items, now + _ttl, random);
                break;
        }
    }

    private void WorkOnTexts(List<(string Value, long Expiry)> model, long expiry, Random random)
    {
        Assert.Equal(model.Select(static item => item.Value), Texts);
        Assert.Equal(model.Count, Texts.Count);
        string text = new((char)('a' + random.Next(26)), random.Next(8) == 0 ? 2_000 : 3);
        switch (random.Next(12))
        {
            case < 4:
                Texts.Add(text);
                model.Add((text, expiry));
                break;
            case < 8:
                string[] added = [.. Enumerable.Range(0, random.Next(400)).Select(static i => $"{i}")];
                Texts.AddRange(added);
                model.AddRange(added.Select(item => (item, expiry)));
                break;
            case < 10 when model.Count > 0:
                int index = random.Next(3) == 0 ? random.Next(model.Count) : model.Count - 1;
                Assert.Equal(model[index].Value, Texts[index]); // reading is no write
                Texts[index] = text;
                model[index] = (text, expiry);
                break;
            case 10 when random.Next(5) == 0:
                Texts.Update(Texts.Take(5).ToList());
                model.RemoveRange(Math.Min(5, model.Count), Math.Max(0, model.Count - 5));
                for (int i = 0; i < model.Count; i++)
                    model[i] = (model[i].Value, expiry);
                break;
            case 11 when random.Next(5) == 0:
                Texts.Clear();
                model.Clear();
                break;
        }
    }

    private void WorkOnItems(List<(int Value, long Expiry)> model, long expiry, Random random)
    {
        Assert.Equal(model.Count, Items.Count);
        switch (random.Next(8))
        {
            case < 3:
                for (int left = random.Next(100); left > 0; left--)
                {
                    Items.Add(new Box { Content = left });
                    model.Add((left, expiry));
                }

                break;
            case < 5 when model.Count > 0:
                int index = random.Next(model.Count);
                Box box = Items[index];
                Assert.Equal(model[index].Value, box.Content);
                model[index] = (++box.Content, expiry); // handing it out has renewed it
                break;
            case 5:
                int next = 0;
                foreach (Box each in Items)
                {
                    Assert.Equal(model[next].Value, each.Content);
                    model[next++] = (--each.Content, expiry);
                }

                break;
        }
    }

    private void WorkOnWords(Dictionary<long, (string Value, long Expiry)> model, long expiry, Random random)
    {
        long key = random.Next(300);
        Assert.Equal(model.Count, Words.Count);
        switch (random.Next(12))
        {
            case < 4:
                string word = new('w', random.Next(10) == 0 ? 2_000 : 4);
                Words[key] = word;
                model[key] = (word, expiry);
                break;
            case < 6:
                for (int left = random.Next(150); left > 0; left--, key++)
                {
                    Words[key] = $"{left}";
                    model[key] = ($"{left}", expiry);
                }

                break;
            case < 8:
                Assert.Equal(model.TryGetValue(key, out (string Value, long Expiry) expected), Words.TryGetValue(key, out string? found)); // reading is no write
                Assert.Equal(expected.Value, found);
                break;
            case 8:
                Assert.Equal(model.Remove(key), Words.Remove(key));
                break;
            case < 11:
                Assert.Equal(model.OrderBy(static entry => entry.Key).Select(static entry => KeyValuePair.Create(entry.Key, entry.Value.Value)), Words.OrderBy(static entry => entry.Key));
                break;
            case 11 when random.Next(5) == 0:
                Words.Clear();
                model.Clear();
                break;
        }
    }

    private void WorkOnBoxes(Dictionary<string, (int Value, long Expiry)> model, long expiry, Random random)
    {
        int number = random.Next(300);
        string key = $"box {number}";
        Assert.Equal(model.Keys.Order(), Boxes.Keys.Order());
        switch (random.Next(10))
        {
            case < 3:
                Boxes[key] = new Box { Content = number };
                model[key] = (number, expiry);
                break;
            case < 5:
                for (int left = random.Next(150); left > 0; left--, number++)
                {
                    Boxes[$"box {number}"] = new Box { Content = left };
                    model[$"box {number}"] = (left, expiry);
                }

                break;
            case < 8:
                Assert.Equal(model.TryGetValue(key, out (int Value, long Expiry) old), Boxes.TryGetValue(key, out Box? box));
                Assert.Equal(old.Value, box?.Content ?? 0);
                if (box is null)
                    break;
                box.Content++; // handing it out has renewed it
                model[key] = (old.Value + 1, expiry);
                break;
            case 8:
                foreach ((string name, Box each) in Boxes)
                {
                    Assert.Equal(model[name].Value, each.Content);
                    model[name] = (--each.Content, expiry);
                }

                break;
            case 9:
                Assert.Equal(model.Remove(key), Boxes.Remove(key));
                break;
        }
    }
}
