using StreamKit.Elements;

namespace StreamKit.Operators;

/// <summary>An operator whose function may be taken into the loop of the one before it.</summary>
/// <typeparam name="T">What it takes.</typeparam>
internal interface IFusable<T>
{
    /// <summary>Joins a map that stands before this operator, and what can be joined behind it; null when the function is not a struct.</summary>
    /// <param name="map">What is done to a record before it comes here.</param>
    FusedLoop<TIn>? FuseBehind<TIn, TMap>(TMap map)
        where TMap : struct, IMapFunction<TIn, T>;

    /// <summary>Explains why one of the joined functions failed, by calling one after the other again until it fails: functions keep no state.</summary>
    /// <param name="record">The record that came here.</param>
    /// <param name="cause">What was thrown.</param>
    /// <param name="end">The last operator of the loop.</param>
    Exception Blame(T record, Exception cause, object end);
}

/// <summary>An operator in the middle of a fused loop.</summary>
internal interface IPassedOperator
{
    /// <summary>A batch has gone through.</summary>
    void OnPassed(int count, long watermark);
}

/// <summary>The operator at the end of a fused loop.</summary>
/// <typeparam name="TOut">What it emits.</typeparam>
internal interface IFusedEnd<TOut>
{
    /// <summary>Takes over what came out, watermark and control with it, and sends it on.</summary>
    /// <param name="output">The batch to send.</param>
    /// <param name="count">How many records came to this operator.</param>
    void Finish(Batch<TOut> output, int count);
}
