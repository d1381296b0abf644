using StreamKit.Elements;

namespace StreamKit.Runtime;

/// <summary>Merges the watermarks of several inputs into their minimum. Idle inputs are left out; ended ones stand at the end of time. Pure.</summary>
internal sealed class WatermarkMerger
{
    private readonly long[] _watermarks;
    private readonly bool[] _idle;
    private readonly bool[] _ended;
    private int _endedCount;

    public WatermarkMerger(int inputs, long restored)
    {
        _watermarks = new long[inputs];
        _watermarks.AsSpan().Fill(restored);
        _idle = new bool[inputs];
        _ended = new bool[inputs];
        Current = restored;
    }

    /// <summary>The merged watermark; never falls.</summary>
    public long Current { get; private set; }

    /// <summary>True when every input that has not ended is idle.</summary>
    public bool IsIdle { get; private set; }

    public bool IsEnded => _endedCount == _watermarks.Length;

    /// <returns>True when <see cref="Current"/> has risen.</returns>
    public bool Advance(int input, long watermark)
    {
        if (watermark <= _watermarks[input])
            return false;
        _watermarks[input] = watermark;
        return Merge();
    }

    /// <returns>True when <see cref="Current"/> has risen.</returns>
    public bool SetIdle(int input, bool idle)
    {
        _idle[input] = idle;
        return Merge();
    }

    /// <returns>True when <see cref="Current"/> has risen.</returns>
    public bool End(int input)
    {
        if (_ended[input])
            return false;
        _ended[input] = true;
        _idle[input] = false;
        _endedCount++;
        _watermarks[input] = EventTime.End;
        return Merge();
    }

    private bool Merge()
    {
        var lowest = EventTime.End;
        var active = false;
        for (var i = 0; i < _watermarks.Length; i++)
        {
            if (_idle[i])
                continue;
            active |= !_ended[i];
            lowest = Math.Min(lowest, _watermarks[i]);
        }

        IsIdle = !active && !IsEnded;
        if (IsIdle || lowest <= Current)
            return false;
        Current = lowest;
        return true;
    }
}
