using StreamKit.Checkpoints;

namespace StreamKit.Connectors;

/// <summary>
/// Writes one subtask's rows to files in progress; every file is a transaction of its own. After a failure it writes nothing more:
/// rows it could not write must not be left out of a later checkpoint.
/// </summary>
internal sealed class FileRowWriter<T>(string directory, FileSinkOptions options, RowFormat<T> format, SinkContext context) : SinkWriter<T>
{
    private readonly RowWriter<T> _rows = format.CreateWriter();

    /// <summary>Files that have reached their size since the last barrier.</summary>
    private readonly List<FilePart> _full = [];

    /// <summary>Files that were set aside by a preparation which has not ended well.</summary>
    private readonly List<FilePart> _preparing = [];

    private FilePart? _current;
    private long _parts;
    private Exception? _failure;

    public override void Write(T value, long timestamp)
    {
        FilePart part = _current ??= Begin();
        int before = part.Buffer.Length;
        try
        {
            _rows.Write(part.Buffer, value);
        }
        catch
        {
            part.Buffer.Truncate(before);
            throw;
        }

        part.Records++;
        if (part.Length >= options.MaxFileSize || part.Records >= options.MaxRecordsPerFile)
        {
            _full.Add(part);
            _current = null;
        }
    }

    public override ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        bool isDue = _full.Exists(static part => part.Buffer.Length > 0) || _current?.Buffer.Length >= options.BufferSize;
        return isDue || _failure is not null ? WriteAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    public override ValueTask<IReadOnlyList<Committable>> PrepareCommitAsync(CancellationToken cancellationToken)
    {
        if (_full.Count == 0 && _current is null && _failure is null)
            return base.PrepareCommitAsync(cancellationToken);
        _preparing.AddRange(_full);
        if (_current is not null)
            _preparing.Add(_current);
        _full.Clear();
        _current = null;
        return PrepareAsync(cancellationToken);
    }

    public override ValueTask DisposeAsync()
    {
        foreach (FilePart part in _full.Concat(_preparing))
            part.Discard();
        _current?.Discard();
        _rows.Dispose();
        return base.DisposeAsync();
    }

    private FilePart Begin()
    {
        var part = new FilePart(directory, FileTransaction.Begin(context, directory, format.FileExtension, ++_parts));
        _rows.WriteHeader(part.Buffer);
        return part;
    }

    private async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        ThrowIfFailed();
        try
        {
            foreach (FilePart part in _full)
                await part.CloseAsync(cancellationToken);
            if (_current is not null)
                await _current.WriteAsync(cancellationToken);
        }
        catch (StreamKitException e)
        {
            _failure = e;
            throw;
        }
    }

    private async ValueTask<IReadOnlyList<Committable>> PrepareAsync(CancellationToken cancellationToken)
    {
        ThrowIfFailed();

        // The task goes on with its records while the disk works.
        await Task.Yield();
        try
        {
            var committables = new List<Committable>(_preparing.Count);
            foreach (FilePart part in _preparing)
            {
                await part.CloseAsync(cancellationToken);
                committables.Add((part.Transaction with { Length = part.Length }).ToCommittable());
            }

            FlushFolder();
            _preparing.Clear();
            return committables;
        }
        catch (Exception e)
        {
            _failure = e;
            throw;
        }
    }

    private void FlushFolder()
    {
        try
        {
            FileSystemCalls.OfThisSystem.FlushFolder(directory);
        }
        catch (Exception e) when (FileErrors.IsFromSystem(e))
        {
            throw FileErrors.CannotWrite(directory, e);
        }
    }

    private void ThrowIfFailed()
    {
        if (_failure is not null)
            throw new StreamKitException($"The sink '{context.Name}' could not write to '{directory}' earlier, and does not go on without the records of that time: {_failure.Message}", _failure);
    }
}
