namespace StreamKit;

/// <summary>By which time a timer fires. The values are part of the checkpoint format.</summary>
public enum TimeDomain : byte
{
    /// <summary>By the watermark: the same whenever the same records are processed.</summary>
    EventTime = 0,

    /// <summary>By the job's clock.</summary>
    ProcessingTime = 1,
}
