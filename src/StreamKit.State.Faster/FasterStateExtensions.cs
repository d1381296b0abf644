using StreamKit.State.Faster;

namespace StreamKit;

/// <summary>Lets a job's keyed state be larger than memory.</summary>
public static class FasterStateExtensions
{
    /// <summary>
    /// Keeps the values in use in memory, up to a budget, and the others in a store on local disk, by Microsoft FASTER, and in checkpoints. Code that uses state is
    /// written as ever: the values of a batch's keys are in memory before it runs.
    /// </summary>
    /// <param name="builder">The job.</param>
    /// <param name="configure">Sets options; null for the defaults.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="StreamKitException">An option has a value that it cannot have.</exception>
    public static StreamJobBuilder UseFasterState(this StreamJobBuilder builder, Action<FasterStateOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new FasterStateOptions();
        configure?.Invoke(options);
        options.Validate();
        return builder.UseStateBackend(new FasterStateBackend(options));
    }
}
