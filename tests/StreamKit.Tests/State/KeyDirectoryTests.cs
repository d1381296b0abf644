using System.Buffers;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Tests.State;

public class KeyDirectoryTests
{
    [Theory]
    [InlineData(1, 200)]
    [InlineData(2, 5_000)]
    [InlineData(3, 300_000)] // many segments, staged lookups
    public void Directory_RandomAddsAndRemovals_AgreesWithDictionary(int seed, int keySpace)
    {
        var random = new Random(seed);
        var directory = new KeyDirectory<long>(new TestKeys(), new KeyGroupRange(0, 127), 128);
        var expected = new Dictionary<long, int>();
        var keys = new long[256];
        var slots = new int[256];

        for (int round = 0; round < 3 * keySpace / keys.Length + 20; round++)
        {
            for (int i = 0; i < keys.Length; i++)
                keys[i] = (long)random.Next(keySpace) << (seed * 8);
            bool all = directory.TryFindAll(keys, slots);

            Assert.Equal(Array.TrueForAll(keys, expected.ContainsKey), all);
            for (int i = 0; i < keys.Length; i++)
                Assert.Equal(expected.TryGetValue(keys[i], out int slot) ? slot : -1, slots[i]);

            foreach (long key in keys)
            {
                int slot = directory.FindOrCreate(key, out bool created);
                Assert.Equal(expected.TryAdd(key, slot), created);
                Assert.Equal(expected[key], slot);
                Assert.Equal(key, directory.Keys[slot]);
            }

            foreach (long key in keys.AsSpan(0, random.Next(60)))
            {
                if (expected.Remove(key, out int slot))
                    directory.Remove(slot);
            }
        }

        Assert.Equal(expected.Count, directory.Count);
        Assert.All(expected, pair => Assert.Equal(pair.Value, directory.Find(pair.Key)));
        Assert.Equal(expected.Count, expected.Values.Distinct().Count());
    }

    [Fact]
    public void Directory_KeysThatDifferInHighBitsOnly_StayFast()
    {
        var directory = new KeyDirectory<long>(new TestKeys(), new KeyGroupRange(0, 127), 128);

        for (long i = 0; i < 100_000; i++)
            directory.FindOrCreate(i << 44, out _); // would take minutes if they shared a place

        Assert.Equal(100_000, directory.Count);
        Assert.Equal(99_999, directory.Find(99_999L << 44));
    }

    [Fact]
    public void Directory_KeysWithTheSameHashCode_AreToldApart()
    {
        var directory = new KeyDirectory<Colliding>(new CollidingKeys(), new KeyGroupRange(0, 127), 128);

        for (int i = 0; i < 500; i++)
            Assert.Equal(i, directory.FindOrCreate(new Colliding(i), out _));
        for (int i = 0; i < 500; i += 2)
            directory.Remove(i);

        for (int i = 0; i < 500; i++)
            Assert.Equal(i % 2 == 0 ? -1 : i, directory.Find(new Colliding(i)));
    }

    [Fact]
    public void Directory_FreedSlots_AreUsedAgain()
    {
        var directory = new KeyDirectory<long>(new TestKeys(), new KeyGroupRange(0, 127), 128);
        for (long key = 0; key < 10; key++)
            directory.FindOrCreate(key, out _);

        directory.Remove(directory.Find(3));
        directory.Remove(directory.Find(7));

        Assert.Equal(7, directory.FindOrCreate(100, out _));
        Assert.Equal(3, directory.FindOrCreate(101, out _));
        Assert.Equal(10, directory.FindOrCreate(102, out _));
    }

    private readonly record struct Colliding(int Number)
    {
        public override int GetHashCode() => 1;
    }

    private sealed class CollidingKeys : KeySerializer<Colliding>
    {
        public override TypeSchema Schema => TypeSchema.Scalar("int32");

        public override void Write(IBufferWriter<byte> output, Colliding key) => throw new InvalidOperationException();

        public override Colliding Read(ReadOnlySpan<byte> canonical) => throw new InvalidOperationException();

        public override ulong Hash(Colliding key) => (ulong)key.Number;

        public override bool Equals(Colliding left, Colliding right) => left == right;
    }
}
