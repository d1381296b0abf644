using Microsoft.Extensions.Logging.Abstractions;

namespace StreamKit.Tests.Connectors;

/// <summary>Drives a sink as the engine does, without the engine: attempts with rising claims, checkpoints that hold what is prepared and not committed.</summary>
internal sealed class SinkHarness<T>(Sink<T> sink, string name = "out", bool isDurable = true, Guid? job = null, SerializerRegistry? serializers = null)
{
    private readonly Guid _job = job ?? new Guid("0f8fad5b-d9cb-469f-a165-70867728950e");
    private readonly List<Committable> _prepared = [];
    private SinkWriter<T>? _writer;
    private SinkCommitter? _committer;
    private long _claim;

    /// <summary>What the last durable checkpoint names.</summary>
    public List<Committable> Checkpoint { get; private set; } = [];

    public SinkWriter<T> Writer => _writer!;

    public SinkContext Context(int subtask = 0, long? claim = null) =>
        new(name, _job, claim ?? _claim, subtask, 1, isDurable, TimeProvider.System, NullLogger.Instance, serializers ?? new SerializerRegistry());

    /// <summary>A new runner: claims, restores, commits what the checkpoint names, removes what it does not.</summary>
    public async Task StartAsync(Sink<T>? anew = null)
    {
        _claim++;
        _prepared.Clear();
        _prepared.AddRange(Checkpoint);
        _writer = (anew ?? sink).CreateWriter(Context());
        _committer = (anew ?? sink).CreateCommitter(Context(-1));
        await CommitAsync();
        await AbortAsync();
    }

    public async Task WriteAsync(params IEnumerable<T> values)
    {
        foreach (T value in values)
            Writer.Write(value, 0);
        await Writer.FlushAsync(default);
    }

    public async Task PrepareAsync() => _prepared.AddRange(await Writer.PrepareCommitAsync(default));

    /// <summary>The checkpoint's entry is in the log.</summary>
    public void CompleteCheckpoint() => Checkpoint = [.. _prepared];

    public async Task CommitAsync()
    {
        if (_committer is not null)
            await _committer.CommitAsync(Checkpoint, default);
    }

    public async Task AbortAsync()
    {
        if (_committer is not null)
            await _committer.AbortAsync(_claim, Checkpoint.Select(each => each.TransactionId).ToHashSet(), default);
    }

    public async Task CheckpointAsync()
    {
        await PrepareAsync();
        CompleteCheckpoint();
        await CommitAsync();
        _prepared.Clear();
        Checkpoint.Clear();
        await AbortAsync();
    }
}
