using System.Numerics;
using System.Runtime.CompilerServices;

namespace StreamKit.State;

/// <summary>
/// The entries of a large map by the hashes of their keys' canonical bytes: each cell has those whose hashes begin with the same bits, so a range of hashes is a
/// run of cells. Entries are told by their places in the <see cref="MapCell{TKey,TValue}"/>.
/// </summary>
internal sealed class HashCells
{
    /// <summary>Entries of a full map to a cell: few enough that one is soon taken out, many enough that heads take little.</summary>
    private const int EntriesPerCellBits = 1;

    private int[] _heads = [0];
    private Link[] _links = [];
    private int _bits;

    /// <summary>The hash of the entry at a place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint HashAt(int place) => _links[place].Hash;

    /// <summary>Adds an entry.</summary>
    /// <param name="place">Its place, below the capacity.</param>
    /// <param name="hash">Its hash.</param>
    public void Add(int place, uint hash)
    {
        ref int head = ref _heads[CellOf(hash)];
        _links[place] = new Link(hash, head);
        head = place + 1;
    }

    /// <summary>Takes an entry out.</summary>
    public void Remove(int place)
    {
        ref int link = ref _heads[CellOf(_links[place].Hash)];
        while (link != place + 1)
            link = ref _links[link - 1].Next;
        link = _links[place].Next;
        _links[place].Next = -1;
    }

    /// <summary>Makes room for a map that has grown.</summary>
    /// <param name="capacity">Its places.</param>
    /// <param name="end">Places from here on have never had an entry.</param>
    public void Grow(int capacity, int end)
    {
        Array.Resize(ref _links, capacity);
        _bits = Math.Max(0, BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)capacity)) - EntriesPerCellBits);
        _heads = new int[1 << _bits];
        for (int place = 0; place < end; place++)
        {
            ref Link link = ref _links[place];
            if (link.Next < 0)
                continue;
            ref int head = ref _heads[CellOf(link.Hash)];
            link.Next = head;
            head = place + 1;
        }
    }

    /// <summary>Adds the places of the entries of a bucket, in order.</summary>
    public void Collect(MapBucket bucket, List<int> into)
    {
        int last = CellOf((uint)(bucket.End - 1));
        for (int cell = CellOf(bucket.Start); cell <= last; cell++)
        {
            for (int place = _heads[cell] - 1; place >= 0; place = _links[place].Next - 1)
            {
                if (bucket.Contains(_links[place].Hash))
                    into.Add(place);
            }
        }

        into.Sort();
    }

    private int CellOf(uint hash) => (int)((ulong)hash >> (32 - _bits));

    private struct Link(uint hash, int next)
    {
        public readonly uint Hash = hash;

        /// <summary>The next place of the cell, plus one; 0 at its end, below 0 where there is no entry.</summary>
        public int Next = next;
    }
}
