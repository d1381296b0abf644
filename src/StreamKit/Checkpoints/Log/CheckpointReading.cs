namespace StreamKit.Checkpoints;

/// <summary>A checkpoint that somebody reads; it is kept until this is disposed of.</summary>
/// <param name="owner">Where it is noted.</param>
/// <param name="manifest">The checkpoint.</param>
internal sealed class CheckpointReading(CommittedCheckpoints owner, CheckpointManifest manifest) : IDisposable
{
    private bool _isOver;

    public CheckpointManifest Manifest => manifest;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOver, true))
        {
            return;
        }

        owner.EndReading(manifest.Number);
    }
}
