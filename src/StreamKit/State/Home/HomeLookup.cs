namespace StreamKit.State;

/// <summary>Looks for the keys of a batch in a view, from the newest segment to the oldest. Pure but for what it puts into the batch.</summary>
internal static class HomeLookup
{
    /// <summary>Takes the rows that are in blocks in memory, and notes the other blocks that can have some.</summary>
    public static void Begin(HomeReadBatch batch, ReadOnlySpan<MountedSegment> view)
    {
        batch.Found.Clear();
        batch.Missing.Clear();
        for (int key = 0; key < batch.Count; key++)
        {
            ulong keyHash = BlockFilter.HashOf(batch.Key(key));
            foreach (int stateId in batch.StateIds)
            {
                ulong hash = BlockFilter.Hash(stateId, keyHash);
                for (int age = view.Length - 1; age >= 0; age--)
                {
                    if (view[age].KeyGroups.Contains(batch.KeyGroup(key)) && IsAnswered(batch, view[age], age, key, stateId, hash))
                    {
                        break;
                    }
                }
            }
        }
    }

    /// <summary>Takes the rows of a block that was read. All wants are for that block.</summary>
    public static void Answer(HomeReadBatch batch, ReadOnlySpan<MountedSegment> view, ReadOnlySpan<MissingBlocks.Want> wants, HomeBlock block)
    {
        foreach (MissingBlocks.Want want in wants)
        {
            Take(batch, view[want.Segment], want.Segment, want.Key, want.StateId, block);
        }
    }

    /// <summary>Looks into one segment; true when it says that older ones have nothing to add.</summary>
    private static bool IsAnswered(HomeReadBatch batch, MountedSegment mounted, int age, int key, int stateId, ulong hash)
    {
        HomeSegment segment = mounted.Segment;
        bool isAnswered = false;
        Range blocks = segment.BlocksOfKey(batch.KeyGroup(key), stateId, batch.Key(key));
        for (int block = blocks.Start.Value; block < blocks.End.Value; block++)
        {
            if (!segment.MayContain(block, hash))
            {
                continue;
            }

            if (segment.AtHand(block) is { } atHand)
            {
                isAnswered |= Take(batch, mounted, age, key, stateId, atHand);
            }
            else
            {
                batch.Missing.Add(age, block, key, stateId);
            }
        }

        return isAnswered;
    }

    /// <summary>Takes a key's rows from a block; true when one is at the empty sub-key, which hides all that older segments have.</summary>
    private static bool Take(HomeReadBatch batch, MountedSegment mounted, int age, int key, int stateId, HomeBlock block)
    {
        ReadOnlySpan<byte> keyBytes = batch.Key(key);
        int keyGroup = batch.KeyGroup(key);
        bool hidesOlder = false;
        int position = block.Seek(keyGroup, stateId, keyBytes);
        while (block.TryRead(ref position, out SegmentRow row)
            && row.KeyGroup == keyGroup
            && row.StateId == stateId
            && row.Key.SequenceEqual(keyBytes))
        {
            batch.Found.Add(key, age, row, mounted.SchemaGeneration);
            hidesOlder |= row.SubKey.IsEmpty;
        }

        return hidesOlder;
    }
}
