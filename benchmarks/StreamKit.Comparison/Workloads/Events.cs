using System.Runtime.CompilerServices;

namespace StreamKit.Comparison;

/// <summary>Makes the events of a workload from a counter. A struct, so that it is inlined everywhere alike: the cost of making events is part of every row.</summary>
internal interface IGenerator<out T>
{
    T Make(long index);
}

/// <summary>A number to sum up from each result.</summary>
internal interface IProjection<in T>
{
    static abstract long Of(T value);
}

internal static class Events
{
    /// <summary>A 64-bit hash of the counter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(long index)
    {
        var mixed = (ulong)index * 0x9E37_79B9_7F4A_7C15;
        mixed ^= mixed >> 32;
        mixed *= 0xD6E8_FEB8_6659_FD93;
        return mixed ^ (mixed >> 32);
    }

    /// <summary>A key uniform over 0 to <paramref name="keys"/> − 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Key(long index, long keys) => (long)Math.BigMul(Mix(index), (ulong)keys, out _);
}

internal readonly struct Counter : IGenerator<long>
{
    public long Make(long index) => index;
}

internal readonly struct Numbers : IGenerator<long>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Make(long index) => (long)(Events.Mix(index) >> 8);
}

internal readonly struct Identity : IProjection<long>
{
    public static long Of(long value) => value;
}

internal readonly record struct Bid(int Auction, int Bidder, long Price, long At);

internal readonly struct Bids : IGenerator<Bid>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Bid Make(long index)
    {
        var mixed = Events.Mix(index);
        return new Bid((int)(mixed % 10_000), (int)(mixed >> 40), (long)((mixed >> 20) & 0xFFFFF), index / 1000);
    }
}

/// <summary>Reads every field, so that no loop may leave one out.</summary>
internal readonly struct BidChecksum : IProjection<Bid>
{
    public static long Of(Bid value) => (((value.Price * 31) + value.Bidder) * 31) + value.At;
}

internal readonly record struct KeyedValue(long Key, long Value);

internal readonly struct KeyedValues(long keys) : IGenerator<KeyedValue>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public KeyedValue Make(long index) => new(Events.Key(index, keys), index & 1023);
}

/// <summary>An event of a key, at a time in milliseconds.</summary>
internal readonly record struct Click(long Key, long At);

/// <summary>A million events per second of event time, in order.</summary>
internal readonly struct Clicks(long keys) : IGenerator<Click>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Click Make(long index) => new(Events.Key(index, keys), index / 1000);
}

/// <summary>The count of a key's events in the window that ends at a time in milliseconds.</summary>
internal readonly record struct WindowCount(long Key, long End, long Count);

internal readonly struct WindowChecksum : IProjection<WindowCount>
{
    public static long Of(WindowCount value) => (value.Key * 31 + value.End) * 1_000_003 * value.Count;
}
