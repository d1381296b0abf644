using System.Runtime.CompilerServices;

namespace StreamKit.Elements;

/// <summary>
/// What travels through a job: records, their timestamps, the watermark that holds after the last of them, and at most one control behind it.
/// Owned by whoever holds it; the holder may edit it in place and hands it on or returns it to <see cref="BatchPool{T}"/>. Never shared.
/// </summary>
internal sealed class Batch<T>
{
    private long[]? _timestamps;

    public Batch(int capacity) => Values = new T[capacity];

    public T[] Values { get; }

    public int Count;

    /// <summary>True when every record has an entry in <see cref="Timestamps"/>.</summary>
    public bool HasTimestamps;

    /// <summary>The watermark after the last record; <see cref="EventTime.None"/> when this batch brings no news of it.</summary>
    public long Watermark = EventTime.None;

    public Control? Control;

    public int Capacity => Values.Length;

    public bool IsFull => Count == Values.Length;

    public bool IsEmpty => Count == 0 && Watermark == EventTime.None && Control is null;

    /// <summary>The array behind the timestamps, made when first asked for; meaningful only with <see cref="HasTimestamps"/>.</summary>
    public long[] Timestamps
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _timestamps ?? MakeTimestamps();
    }

    public Span<T> Span => Values.AsSpan(0, Count);

    public ReadOnlySpan<long> TimestampSpan => HasTimestamps ? Timestamps.AsSpan(0, Count) : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long TimestampAt(int index) => HasTimestamps ? Timestamps[index] : EventTime.None;

    /// <summary>Swaps the timestamp arrays of two batches of one capacity, so that a one-to-one operator moves timestamps without copying.</summary>
    public void TakeTimestampsFrom<TOther>(Batch<TOther> other)
    {
        HasTimestamps = other.HasTimestamps;
        if (!other.HasTimestamps)
            return;
        if (other.Capacity == Capacity)
            (_timestamps, other._timestamps) = (other._timestamps, _timestamps);
        else
            other.TimestampSpan.CopyTo(Timestamps);
    }

    /// <summary>Makes the batch as new; references are let go.</summary>
    public void Reset()
    {
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            Array.Clear(Values, 0, Count);
        Count = 0;
        HasTimestamps = false;
        Watermark = EventTime.None;
        Control = null;
    }

    private long[] MakeTimestamps() => _timestamps = GC.AllocateUninitializedArray<long>(Values.Length);
}
