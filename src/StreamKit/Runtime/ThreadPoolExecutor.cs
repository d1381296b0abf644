namespace StreamKit.Runtime;

/// <summary>The production executor: the process's thread pool. The one place that may name it.</summary>
internal sealed class ThreadPoolExecutor : JobExecutor
{
    private static readonly PoolContext s_context = new();

    public override SynchronizationContext Context => s_context;

#pragma warning disable RS0030 // this is the production executor
    public override bool HasWaiting => ThreadPool.PendingWorkItemCount > 0;

    public override void Schedule(IThreadPoolWorkItem work) => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);

    /// <summary>Continues awaits on the pool, with itself as the current context, so that awaits behind them continue there too.</summary>
    private sealed class PoolContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => ThreadPool.UnsafeQueueUserWorkItem(static work => Invoke(work.d, work.state), (d, state), preferLocal: false);

        public override void Send(SendOrPostCallback d, object? state) => d(state);

        public override SynchronizationContext CreateCopy() => this;

        private static void Invoke(SendOrPostCallback callback, object? state)
        {
            SetSynchronizationContext(s_context);
            callback(state);
        }
    }
#pragma warning restore RS0030
}
