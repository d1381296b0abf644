using StreamKit.State;

namespace StreamKit;

/// <summary>
/// Where keyed state goes that does not fit into memory: a cache on this machine. Nothing in it has to survive the process, since all that matters is in
/// checkpoints. Without a backend all keyed state is in memory.
/// </summary>
public interface IStateBackend
{
    /// <summary>Opens what one attempt to run a job keeps on this machine. Called when the attempt restores, and disposed of when it has ended.</summary>
    /// <param name="context">What the job says of itself.</param>
    /// <returns>The local state, empty.</returns>
    /// <exception cref="StreamKitException">It cannot be opened, for instance because its folder cannot be written to.</exception>
    ILocalState Open(LocalStateContext context);
}
