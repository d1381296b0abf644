using System.Collections;

namespace StreamKit.Runtime;

/// <summary>
/// Decides when a barrier is aligned: when it has come from every input. An input that has given it is blocked until then, so that no record behind the barrier
/// is processed before it. Pure.
/// </summary>
internal sealed class BarrierAligner
{
    private readonly BitArray _arrived;
    private int _missing;

    public BarrierAligner(int inputs)
    {
        _arrived = new BitArray(inputs);
        _missing = inputs;
    }

    /// <summary>The barrier that is being aligned; 0 when none is.</summary>
    public long Aligning { get; private set; }

    /// <summary>True when the input has given the barrier that others still owe.</summary>
    public bool IsBlocked(int input) => _arrived[input];

    /// <summary>A barrier has come.</summary>
    /// <returns>True when it was the last one: all inputs are free again, and the barrier may pass.</returns>
    /// <exception cref="InvalidOperationException">Barriers came in an order that the runtime never makes.</exception>
    public bool OnBarrier(int input, long barrier)
    {
        if (Aligning == 0)
            Aligning = barrier;
        else if (Aligning != barrier)
            throw new InvalidOperationException($"Unexpected barrier {barrier} from input {input}, expected {Aligning}.");
        if (_arrived[input])
            throw new InvalidOperationException($"Barrier {barrier} came twice from input {input}.");
        _arrived[input] = true;
        if (--_missing > 0)
            return false;
        _arrived.SetAll(false);
        _missing = _arrived.Length;
        Aligning = 0;
        return true;
    }
}
