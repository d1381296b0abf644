using System.Globalization;
using StreamKit.State;

namespace StreamKit.Tests.State.Segments;

/// <summary>A chain of segments made of keys only, in which <see cref="SegmentMergePicker"/> is obeyed at once after each checkpoint.</summary>
internal sealed class MergeSimulation(bool knowsSamples)
{
    private const int RowLength = 100;
    private const int TombstoneLength = 30;
    private const int SegmentOverhead = 200;
    private static readonly KeyGroupRange s_keyGroups = new(0, 127);

    // From the oldest to the newest; a key is mapped to whether it lives.
    private readonly List<Segment> _chain = [];
    private long _uploaded;
    private long _merged;
    private int _checkpoints;

    public HashSet<int> Living { get; } = [];

    /// <summary>All bytes written per byte that checkpoints wrote, from the hundredth checkpoint on: the first one is long.</summary>
    public double Amplification => (double)(_uploaded + _merged) / _uploaded;

    /// <summary>The most bytes in force per living byte, from the hundredth checkpoint on.</summary>
    public double WorstSpace { get; private set; }

    public int MostSegments { get; private set; }

    public void Checkpoint(Dictionary<int, bool> rows)
    {
        foreach ((int key, bool lives) in rows)
        {
            _ = lives ? Living.Add(key) : Living.Remove(key);
        }

        if (++_checkpoints == 100)
        {
            (_uploaded, _merged) = (0, 0);
        }

        _chain.Add(new Segment(rows, 0, knowsSamples));
        _uploaded += _chain[^1].Length;
        MostSegments = Math.Max(MostSegments, _chain.Count);
        if (_checkpoints >= 100)
        {
            double living = (Living.Count * RowLength) + SegmentOverhead;
            WorstSpace = Math.Max(WorstSpace, _chain.Sum(each => each.Length) / living);
        }

        if (SegmentMergePicker.Pick([.. _chain.Select(each => each.Candidate)]) is { } pick)
        {
            Merge(pick.First, pick.Count);
        }
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"amplification {Amplification:F2}, space {WorstSpace:F2}, {MostSegments} segments at most, {Living.Count} keys at the end");

    private void Merge(int first, int count)
    {
        var merged = new Dictionary<int, bool>();
        foreach (Segment each in _chain.GetRange(first, count))
        {
            foreach ((int key, bool lives) in each.Rows)
            {
                merged[key] = lives;
            }
        }

        if (first == 0)
        {
            foreach (int key in merged.Where(row => !row.Value).Select(row => row.Key).ToList())
            {
                merged.Remove(key);
            }
        }

        List<Segment> parts = _chain.GetRange(first, count);
        var result = new Segment(merged, parts.Max(each => each.Level) + 1, knowsSamples) { LongestCut = parts.Max(each => each.Candidate.LongestCut) };
        _merged += result.Length;
        _chain.RemoveRange(first, count);
        _chain.Insert(first, result);
    }

    private sealed class Segment(Dictionary<int, bool> rows, int level, bool knowsSamples)
    {
        private readonly RowSample _sample = SampleOf(rows);
        private readonly int _tombstones = rows.Count(row => !row.Value);

        public long? LongestCut { get; init; }

        public Dictionary<int, bool> Rows => rows;

        public int Level => level;

        public long Length => SegmentOverhead + ((rows.Count - _tombstones) * RowLength) + (_tombstones * TombstoneLength);

        public MergeCandidate Candidate => new()
        {
            KeyGroups = s_keyGroups,
            Length = Length,
            ClippedLength = Length,
            Rows = rows.Count,
            Tombstones = _tombstones,
            Level = level,
            LongestCut = LongestCut ?? Length,
            Sample = knowsSamples ? _sample : null,
        };

        private static RowSample SampleOf(Dictionary<int, bool> rows)
        {
            var sample = new RowSample();
            foreach ((int key, bool lives) in rows)
            {
                sample.Add(BlockFilter.Hash(1, BitConverter.GetBytes(key)), lives ? RowLength : TombstoneLength, isTombstone: !lives);
            }

            return sample;
        }
    }
}
