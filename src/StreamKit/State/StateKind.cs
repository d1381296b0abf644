namespace StreamKit.State;

/// <summary>What a named state is. Stored with its name: state of one kind is not restored as another. Values are part of the format.</summary>
internal enum StateKind : byte
{
    Value = 1,
    List = 2,
    Map = 3,
    Reducing = 4,
    Aggregating = 5,
    Timers = 6,
    Window = 7,
    ValueWithTtl = 8,
    ReducingWithTtl = 9,
    AggregatingWithTtl = 10,
    ListWithTtl = 11,
    MapWithTtl = 12,
}
