using FASTER.core;

namespace StreamKit.State.Faster;

/// <summary>
/// What FASTER calls back: reads go to the batch at hand, writes copy bytes. A struct, so that the calls are bound when FASTER is compiled.
/// Rows are only read and upserted: a deleted row is one that says so. FASTER's own deletion answers like a key that was never there, and may
/// leave nothing behind at all; the home tier would be asked, and the row would come back.
/// </summary>
internal readonly struct RowFunctions(BatchAtHand atHand) : IFunctions<SpanByte, SpanByte, byte, RowOutput, int>
{
    public bool SingleReader(ref SpanByte key, ref byte input, ref SpanByte value, ref RowOutput dst, ref ReadInfo readInfo)
    {
        atHand.Batch!.Take(value.AsReadOnlySpan(), ref dst); // set before each read
        return true;
    }

    public bool ConcurrentReader(ref SpanByte key, ref byte input, ref SpanByte value, ref RowOutput dst, ref ReadInfo readInfo) =>
        SingleReader(ref key, ref input, ref value, ref dst, ref readInfo);

    public void ReadCompletionCallback(ref SpanByte key, ref byte input, ref RowOutput output, int ctx, Status status, RecordMetadata recordMetadata)
    {
        if (status.Found)
            atHand.Batch!.Found(ctx, output); // set before each read
    }

    public bool SingleWriter(ref SpanByte key, ref byte input, ref SpanByte src, ref SpanByte dst, ref RowOutput output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
        src.CopyTo(ref dst);
        return true;
    }

    public bool ConcurrentWriter(ref SpanByte key, ref byte input, ref SpanByte src, ref SpanByte dst, ref RowOutput output, ref UpsertInfo upsertInfo)
    {
        if (dst.Length < src.Length)
            return false;
        dst.ShrinkSerializedLength(src.Length);
        src.CopyTo(ref dst);
        return true;
    }

    public void PostSingleWriter(ref SpanByte key, ref byte input, ref SpanByte src, ref SpanByte dst, ref RowOutput output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
    }

    // Never asked for: rows are neither modified in place by FASTER nor deleted nor checkpointed.
    public bool NeedInitialUpdate(ref SpanByte key, ref byte input, ref RowOutput output, ref RMWInfo rmwInfo) => false;

    public bool InitialUpdater(ref SpanByte key, ref byte input, ref SpanByte value, ref RowOutput output, ref RMWInfo rmwInfo) => false;

    public void PostInitialUpdater(ref SpanByte key, ref byte input, ref SpanByte value, ref RowOutput output, ref RMWInfo rmwInfo)
    {
    }

    public bool NeedCopyUpdate(ref SpanByte key, ref byte input, ref SpanByte oldValue, ref RowOutput output, ref RMWInfo rmwInfo) => false;

    public bool CopyUpdater(ref SpanByte key, ref byte input, ref SpanByte oldValue, ref SpanByte newValue, ref RowOutput output, ref RMWInfo rmwInfo) => false;

    public void PostCopyUpdater(ref SpanByte key, ref byte input, ref SpanByte oldValue, ref SpanByte newValue, ref RowOutput output, ref RMWInfo rmwInfo)
    {
    }

    public bool InPlaceUpdater(ref SpanByte key, ref byte input, ref SpanByte value, ref RowOutput output, ref RMWInfo rmwInfo) => false;

    public void RMWCompletionCallback(ref SpanByte key, ref byte input, ref RowOutput output, int ctx, Status status, RecordMetadata recordMetadata)
    {
    }

    public bool SingleDeleter(ref SpanByte key, ref SpanByte value, ref DeleteInfo deleteInfo) => false;

    public void PostSingleDeleter(ref SpanByte key, ref DeleteInfo deleteInfo)
    {
    }

    public bool ConcurrentDeleter(ref SpanByte key, ref SpanByte value, ref DeleteInfo deleteInfo) => false;

    public void DisposeSingleWriter(ref SpanByte key, ref byte input, ref SpanByte src, ref SpanByte dst, ref RowOutput output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
    }

    public void DisposeCopyUpdater(ref SpanByte key, ref byte input, ref SpanByte oldValue, ref SpanByte newValue, ref RowOutput output, ref RMWInfo rmwInfo)
    {
    }

    public void DisposeInitialUpdater(ref SpanByte key, ref byte input, ref SpanByte value, ref RowOutput output, ref RMWInfo rmwInfo)
    {
    }

    public void DisposeSingleDeleter(ref SpanByte key, ref SpanByte value, ref DeleteInfo deleteInfo)
    {
    }

    public void DisposeDeserializedFromDisk(ref SpanByte key, ref SpanByte value)
    {
    }

    public void CheckpointCompletionCallback(int sessionID, string sessionName, CommitPoint commitPoint)
    {
    }
}
