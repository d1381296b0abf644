using StreamKit.Diagnostics;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <content>How much memory keys take, and how much of it may be given back.</content>
internal sealed partial class Residency
{
    /// <summary>Keys whose size is measured now and then, so that it is known before the first one leaves.</summary>
    private const int SampledKeys = 32;

    private const int FirstSample = 256;

    /// <summary>An object's header and the references to it.</summary>
    private const int ObjectBytes = 48;

    /// <summary>Objects take about twice the bytes of their rows: strings do, and numbers in them even more.</summary>
    private const int ObjectBytesPerRowByte = 2;

    /// <summary>A quarter of the memory stays for values that may leave, whatever those take that may not: else every key would leave behind each batch.</summary>
    private const int FloorPart = 4;

    private double _rowBytes;
    private int _nextSample = FirstSample;
    private bool _hasWarned;

    /// <summary>What keys take that cannot leave: the places of those whose values have left, and of those whose deletion the next cut has to write.</summary>
    private long HeldBytes => (long)(_state.LiveKeys - HotKeys + _state.KeptSlots) * _placeBytes;

    /// <summary>What has to leave; less than nothing while there is room.</summary>
    private long Excess =>
        (Math.Max(0, HotKeys - _state.KeptSlots) * (_placeBytes + BytesOfObjects)) - Math.Max(_setup.HotBytes - HeldBytes, _setup.HotBytes / FloorPart);

    private long BytesOfObjects => _holdsObjects ? ObjectBytes + (long)(ObjectBytesPerRowByte * _rowBytes) : 0;

    private void WarnOfHeld()
    {
        if (_hasWarned || HeldBytes <= _setup.HotBytes - (_setup.HotBytes / FloorPart))
            return;
        _hasWarned = true;
        JobLog.MemoryHeld(_setup.Logger, _setup.Name, HeldBytes, _setup.HotBytes, _setup.HotBytes / FloorPart);
    }

    private void Learn(int rowBytes) => _rowBytes += (rowBytes - _rowBytes) / 64;

    /// <summary>Measures some keys, again whenever their number has doubled.</summary>
    private void Sample()
    {
        _nextSample = _state.LiveKeys * 2;
        using var scratch = new PooledBufferWriter();
        _rows.Output = scratch;
        int sampled = 0;
        for (int slot = _state.SlotEnd - 1; slot >= 0 && sampled < SampledKeys; slot--)
        {
            if ((_notes[slot] & (SlotNotes.Used | SlotNotes.Away)) != SlotNotes.Used || !_state.IsHeld(slot))
                continue;
            WriteRows(slot);
            sampled++;
        }

        if (sampled > 0)
            _rowBytes = (double)scratch.WrittenCount / sampled;
    }
}
