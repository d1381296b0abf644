namespace StreamKit.Elements;

/// <summary>A signal that travels in band, behind the records that came before it.</summary>
internal abstract class Control
{
    /// <summary>No records for a while: leave this input out of the minimum of watermarks.</summary>
    public static readonly Control Idle = new IdleControl();

    /// <summary>Records come again after <see cref="Idle"/>.</summary>
    public static readonly Control Active = new ActiveControl();

    /// <summary>No records come any more. Barriers still do, until the job itself ends.</summary>
    public static readonly Control End = new EndControl();

    private sealed class IdleControl : Control;

    private sealed class ActiveControl : Control;

    private sealed class EndControl : Control;
}
