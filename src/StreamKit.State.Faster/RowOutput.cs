namespace StreamKit.State.Faster;

/// <summary>Where a record's bytes lie, or belong, in a batch. The default names no place.</summary>
internal readonly struct RowOutput
{
    private readonly int _startPlusOne;

    private RowOutput(int start, int length) => (_startPlusOne, Length) = (start + 1, length);

    public bool HasPlace => _startPlusOne != 0;

    public int Start => _startPlusOne - 1;

    public int Length { get; }

    public static RowOutput At(int start, int length) => new(start, length);
}
