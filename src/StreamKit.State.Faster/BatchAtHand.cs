namespace StreamKit.State.Faster;

/// <summary>Whose reads are being answered. FASTER copies the struct of its callbacks, so that the one thing they share is a reference.</summary>
internal sealed class BatchAtHand
{
    public RowReadBatch? Batch { get; set; }
}
