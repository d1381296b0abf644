namespace StreamKit.Operators;

/// <summary>Counts of one operator and subtask. Written by the task's thread, read by anyone; a reader may see them a little late.</summary>
internal sealed class OperatorMetrics
{
    private long _recordsIn;
    private long _recordsOut;
    private long _late;
    private long _watermark = Elements.EventTime.None;

    public long RecordsIn => Volatile.Read(ref _recordsIn);

    public long RecordsOut => Volatile.Read(ref _recordsOut);

    /// <summary>Records that came behind the watermark and were dropped.</summary>
    public long LateRecords => Volatile.Read(ref _late);

    public long Watermark => Volatile.Read(ref _watermark);

    public void AddIn(long count) => Volatile.Write(ref _recordsIn, _recordsIn + count);

    public void AddOut(long count) => Volatile.Write(ref _recordsOut, _recordsOut + count);

    public void AddLate(long count) => Volatile.Write(ref _late, _late + count);

    public void SetWatermark(long watermark) => Volatile.Write(ref _watermark, watermark);
}
