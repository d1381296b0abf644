namespace StreamKit.State;

/// <summary>How what a column holds for a slot becomes rows. Stateless, and safe for concurrent use.</summary>
internal abstract class RowCodec<T>
{
    /// <summary>Whether a slot has one row, with the empty sub-key, so that a newer one replaces all there was.</summary>
    public virtual bool IsOneRow => false;

    /// <summary>Writes all rows of one slot that has changed.</summary>
    public abstract void Write(in T cell, RowSink sink);

    /// <summary>Writes the rows that segments have of one slot, which has not changed.</summary>
    public virtual void WriteStored(in T cell, RowSink sink) => Write(cell, sink);
}
