using StreamKit.State;

namespace StreamKit.Tests.State;

public class KeyGroupsTests
{
    [Theory]
    [InlineData(0UL, 128, 0)]
    [InlineData(ulong.MaxValue, 128, 127)]
    [InlineData(0x8000_0000_0000_0000UL, 128, 64)]
    [InlineData(0x0123_4567_89AB_CDEFUL, 128, 0)]
    [InlineData(0x9E37_79B9_7F4A_7C15UL, 128, 79)]
    [InlineData(ulong.MaxValue, 32_768, 32_767)]
    [InlineData(0x9E37_79B9_7F4A_7C15UL, 1, 0)]
    public void Of_KnownHash_IsPinned(ulong hash, int maxParallelism, int expected)
    {
        int keyGroup = KeyGroups.Of(hash, maxParallelism);

        Assert.Equal(expected, keyGroup);
    }

    [Fact]
    public void RangeOf_EveryParallelism_CoversEveryKeyGroupOnceInOrder()
    {
        foreach (int max in new[] { 1, 2, 3, 7, 16, 128, 131 })
        {
            for (int parallelism = 1; parallelism <= max; parallelism++)
            {
                int next = 0;
                for (int subtask = 0; subtask < parallelism; subtask++)
                {
                    KeyGroupRange range = KeyGroups.RangeOf(subtask, parallelism, max);

                    Assert.Equal(next, range.First);
                    Assert.InRange(range.Count, max / parallelism, (max / parallelism) + 1);
                    next = range.Last + 1;
                }

                Assert.Equal(max, next);
            }
        }
    }

    [Fact]
    public void SubtaskOf_EveryKeyGroup_AgreesWithRangeOf()
    {
        foreach (int max in new[] { 1, 5, 128, 32_768 })
        {
            foreach (int parallelism in new[] { 1, 2, 3, 4, 7, 100, 128, 32_767, 32_768 })
            {
                if (parallelism > max)
                {
                    continue;
                }

                for (int keyGroup = 0; keyGroup < max; keyGroup++)
                {
                    int subtask = KeyGroups.SubtaskOf(keyGroup, parallelism, max);

                    Assert.True(KeyGroups.RangeOf(subtask, parallelism, max).Contains(keyGroup));
                }
            }
        }
    }

    [Theory]
    [InlineData(0, 10, 5, 20, 5, 10)]
    [InlineData(0, 10, 10, 20, 10, 10)]
    [InlineData(3, 4, 0, 127, 3, 4)]
    [InlineData(0, 3, 4, 7, 0, -1)]
    [InlineData(0, -1, 0, 7, 0, -1)]
    public void Intersect_TwoRanges_IsTheirCommonPart(int first, int last, int otherFirst, int otherLast, int expectedFirst, int expectedLast)
    {
        var range = new KeyGroupRange(first, last);

        KeyGroupRange common = range.Intersect(new KeyGroupRange(otherFirst, otherLast));

        Assert.Equal(new KeyGroupRange(expectedFirst, expectedLast), common);
        Assert.Equal(common.Count == 0, common.IsEmpty);
    }
}
