namespace StreamKit.Tests.State.Ttl;

/// <summary>What one key should hold, and until when.</summary>
internal sealed class TimedModel
{
    public Dictionary<long, (string Value, long Expiry)> Words { get; init; } = [];

    public Dictionary<string, (int Value, long Expiry)> Boxes { get; init; } = [];

    public List<(string Value, long Expiry)> Texts { get; init; } = [];

    public List<(int Value, long Expiry)> Items { get; init; } = [];

    public TimedModel Copy() => new() { Texts = [.. Texts], Items = [.. Items], Words = new(Words), Boxes = new(Boxes) };

    public void Expire(long now)
    {
        Texts.RemoveAll(item => item.Expiry <= now);
        Items.RemoveAll(item => item.Expiry <= now);
        foreach (long key in Words.Where(entry => entry.Value.Expiry <= now).Select(static entry => entry.Key).ToList())
            Words.Remove(key);
        foreach (string key in Boxes.Where(entry => entry.Value.Expiry <= now).Select(static entry => entry.Key).ToList())
            Boxes.Remove(key);
    }
}
