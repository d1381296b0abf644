using StreamKit;

namespace LargerThanMemory;

/// <summary>What is kept of each device: some 500 bytes.</summary>
[StreamType]
internal sealed partial record Profile
{
    public long Readings { get; init; }

    public double Sum { get; init; }

    public double Largest { get; init; }

    /// <summary>Stands for all else that one would want to know.</summary>
    public string Notes { get; init; } = "";

    public Profile With(Reading reading) => this with { Readings = Readings + 1, Sum = Sum + reading.Value, Largest = Math.Max(Largest, reading.Value) };
}

/// <summary>A value that a device has measured.</summary>
internal readonly record struct Reading(long Device, double Value);

/// <summary>Adds each reading to the profile of its device.</summary>
internal sealed class Profiles(Figures figures) : KeyedProcessFunction<long, Reading, long>
{
    private const int NotesLength = 480;

    private ValueState<Profile> _profile = null!; // set in Open

    public override void Open(OperatorContext context) => _profile = context.State.Value<Profile>("profile");

    public override void Process(Reading reading, Context context)
    {
        figures.Count();
        if (!_profile.TryGet(out var profile))
            profile = new Profile { Notes = NotesOf(reading.Device) };
        _profile.Value = profile.With(reading);
    }

    private static string NotesOf(long device) => $"device {device}: ".PadRight(NotesLength, '.');
}
