using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>Takes the rows of one slot, in order of their sub-keys. Used by one thread at a time.</summary>
internal abstract class RowSink : IDisposable
{
    /// <summary>Where a codec may build parts of a value. Cleared by whoever builds the next one.</summary>
    public PooledBufferWriter Scratch { get; } = new();

    /// <summary>Where a codec may build a value. Cleared by whoever builds the next one.</summary>
    public PooledBufferWriter Value { get; } = new();

    /// <summary>The rows that come are parts of what was one row, or may have been: that is void.</summary>
    /// <param name="first">The first of the parts. Complete when all rows have come; then it belongs to whoever keeps it.</param>
    public virtual void BeginParts(ValuePart first)
    {
    }

    /// <summary>Adds a row.</summary>
    /// <param name="subKey">Which part of the slot's state it is; greater than that of the row before. Copied.</param>
    /// <param name="value">The value. Copied.</param>
    public abstract void Add(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value);

    public virtual void Dispose()
    {
        Scratch.Dispose();
        Value.Dispose();
    }
}
