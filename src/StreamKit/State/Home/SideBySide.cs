using System.Runtime.ExceptionServices;

namespace StreamKit.State;

/// <summary>Work that several do side by side, each taking the next piece.</summary>
internal static class SideBySide
{
    /// <summary>Has the work done by so many, and returns when all have ended: with the first failure, if there was one.</summary>
    /// <param name="workers">How many.</param>
    /// <param name="run">Runs them beside each other, such as the job's executor does.</param>
    /// <param name="work">What each of them does.</param>
    public static async Task RunAsync(int workers, Func<Func<Task>, Task> run, Func<Task> work)
    {
        var running = new Task[workers];
        for (int i = 0; i < running.Length; i++)
        {
            running[i] = run(work);
        }

        ExceptionDispatchInfo? failure = null;
        foreach (Task each in running)
        {
            try
            {
                await each;
            }
            catch (Exception cause)
            {
                failure ??= ExceptionDispatchInfo.Capture(cause);
            }
        }

        failure?.Throw();
    }
}
