using System.Text;

namespace StreamKit.Connectors;

/// <summary>
/// Reads one stripe of a file. The position is the place in the file of the next record; a position behind the reader's own chunk, where the last record of the chunk ended, is as good:
/// reading goes on at the next chunk it owns, and never inside a record.
/// </summary>
internal sealed class FileSplitReader<T>(string path, FileSplit split, long position, FileSourceOptions options, FileFormat<T> format, QuoteParity parity) : SplitReader<T>
{
    private const int MostText = 1024;

    /// <summary>In one read, so that a file of nothing but malformed lines does not fill the memory.</summary>
    private const int MostSideOutputs = 256;

    private FileWindow? _window;
    private RecordParser<T>? _parser;
    private FileLines? _lines;

    /// <summary>Records that begin here or later are not this reader's, until it moves to its next chunk.</summary>
    private long _chunkEnd;

    /// <summary>Quotes counted in the chunk so far, from its beginning; the count ends at <see cref="_countedTo"/>. Unknown (-1) when reading began inside the chunk.</summary>
    private long _countedTo = -1;
    private bool _chunkIsOdd;

    /// <summary>Where the record behind a malformed one begins.</summary>
    private int _behindMalformed;

    private enum Outcome
    {
        Full,
        NeedsBytes,
        ChunkDone,
        Malformed,
        TooLong,
    }

    public override ValueTask<bool> ReadAsync(SplitBatch<T> batch, CancellationToken cancellationToken)
    {
        if (_window is not null)
        {
            Outcome outcome = Parse(batch);
            if (outcome == Outcome.Full || batch.Count > 0)
                return ValueTask.FromResult(true);
        }

        return ReadSlowlyAsync(batch, cancellationToken);
    }

    public override ValueTask DisposeAsync()
    {
        _window?.Dispose();
        return base.DisposeAsync();
    }

    private async ValueTask<bool> ReadSlowlyAsync(SplitBatch<T> batch, CancellationToken cancellationToken)
    {
        FileWindow window = _window ?? await OpenAsync(cancellationToken);
        while (true)
        {
            Outcome outcome = Parse(batch);
            bool hasSome = batch.Count > 0 || batch.Side.Count > 0;
            switch (outcome)
            {
                case Outcome.Full:
                    return true;
                case Outcome.ChunkDone when window.Offset < split.Length && split.Owns(window.Offset):
                    _chunkEnd = split.ChunkEnd(window.Offset);
                    _countedTo = -1;
                    break;
                case Outcome.ChunkDone when split.NextChunk(window.Offset) >= split.Length:
                    return false;
                case Outcome.ChunkDone or Outcome.NeedsBytes or Outcome.TooLong when hasSome:
                    return true;
                case Outcome.ChunkDone:
                    if (!await SeekToNextChunkAsync(window, cancellationToken))
                        return false;
                    break;
                case Outcome.NeedsBytes:
                    await window.LoadAsync(_chunkEnd, cancellationToken);
                    CountQuotes(window);
                    break;
                case Outcome.Malformed:
                    await ReportAsync(batch, window, cancellationToken);
                    if (batch.Side.Count >= MostSideOutputs)
                        return true;
                    break;
                case Outcome.TooLong:
                    await SkipAsync(batch, window, cancellationToken);
                    break;
            }
        }
    }

    /// <summary>Adds the records that are in memory.</summary>
    private Outcome Parse(SplitBatch<T> batch)
    {
        FileWindow window = _window!; // opened before
        RecordParser<T> parser = _parser!; // likewise
        Span<T> target = batch.FreeSpan;
        int count = 0;
        var outcome = Outcome.Full;
        while (count < target.Length)
        {
            if (window.Offset >= _chunkEnd)
            {
                outcome = Outcome.ChunkDone;
                break;
            }

            RecordKind kind = parser.Parse(window.Buffer, window.Start, window.End, window.ReachesEnd, out int next, out T value);
            if (kind == RecordKind.Incomplete)
            {
                outcome = window.End - window.Start > options.MaxLineLength ? Outcome.TooLong : Outcome.NeedsBytes;
                break;
            }

            if ((kind == RecordKind.Malformed ? parser.Extent : next) - window.Start > options.MaxLineLength)
            {
                // Whether it is in the buffer already or not: what a file gives must not depend on where reading began.
                outcome = Outcome.TooLong;
                break;
            }

            if (kind == RecordKind.Malformed)
            {
                _behindMalformed = next;
                outcome = Outcome.Malformed;
                break;
            }

            if (kind == RecordKind.Record)
                target[count++] = value;
            window.Start = next;
        }

        batch.Advance(count);
        batch.Position = new SourcePosition(window.Offset);
        return outcome;
    }

    private async ValueTask<FileWindow> OpenAsync(CancellationToken cancellationToken)
    {
        split = await split.LocateAsync(path, cancellationToken);
        var window = new FileWindow(split.Path, split.Length, options.BufferSize);
        try
        {
            if (await split.ChangeOfAsync(window.File, cancellationToken) is { } change)
                throw FileErrors.Changed(split.Path, change);
            _parser = await format.OpenAsync(window, cancellationToken);
            _lines = new FileLines(window);
            if (position > window.Offset)
                window.Seek(position);
            _chunkEnd = split.Owns(window.Offset) ? split.ChunkEnd(window.Offset) : window.Offset;
        }
        catch
        {
            window.Dispose();
            throw;
        }

        _window = window;
        return window;
    }

    /// <summary>From here, where a record ends, to the first record that begins in one of this stripe's chunks behind it, or a little later.</summary>
    /// <returns>False when no record begins there any more; the position stays where it was.</returns>
    private async ValueTask<bool> SeekToNextChunkAsync(FileWindow window, CancellationToken cancellationToken)
    {
        bool odd = false;
        for (long chunk = split.NextChunk(window.Offset); chunk < split.Length; chunk = split.NextChunk(chunk))
        {
            _chunkEnd = split.ChunkEnd(chunk);
            _countedTo = -1;
            if (window.Offset < chunk)
                odd = await SkipToAsync(window, chunk, odd, cancellationToken);
            while (true)
            {
                bool found = FindRecord(window, ref odd);
                CountQuotes(window);
                if (found)
                    return true;
                if (window.Offset >= _chunkEnd)
                    break;
                await window.LoadAsync(_chunkEnd, cancellationToken);
            }
        }

        return false;
    }

    /// <summary>
    /// Moves to the byte before a chunk: a record begins at the chunk's first byte if that one ends a line. Returns whether the quotes before it are odd, given that of those before the window.
    /// </summary>
    private async ValueTask<bool> SkipToAsync(FileWindow window, long chunk, bool odd, CancellationToken cancellationToken)
    {
        if (format.HasQuotes)
            odd ^= await parity.IsOddAsync(split, window, window.Offset, chunk, cancellationToken);
        window.Seek(chunk - 1);
        if (window.Bytes.IsEmpty)
            await window.LoadAsync(_chunkEnd, cancellationToken);
        _countedTo = chunk;
        _chunkIsOdd = false;
        return odd ^ (format.HasQuotes && window.Bytes[0] == (byte)'"');
    }

    /// <summary>Moves behind the first line end that is not between quotes; without one, to the end of what is in memory.</summary>
    private bool FindRecord(FileWindow window, ref bool odd)
    {
        ReadOnlySpan<byte> bytes = window.Bytes;
        int at = 0;
        while (true)
        {
            ReadOnlySpan<byte> rest = bytes[at..];
            int found = !format.HasQuotes ? rest.IndexOf((byte)'\n') : odd ? rest.IndexOf((byte)'"') : rest.IndexOfAny((byte)'\n', (byte)'"');
            if (found < 0)
            {
                window.Start = window.End;
                return false;
            }

            at += found + 1;
            if (rest[found] == (byte)'\n')
            {
                window.Start += at;
                return true;
            }

            odd = !odd;
        }
    }

    /// <summary>Counts the quotes of this reader's own chunk as it is loaded, for the readers that skip it.</summary>
    private void CountQuotes(FileWindow window)
    {
        if (_countedTo < 0 || _countedTo >= _chunkEnd || !format.HasQuotes)
            return;
        long to = Math.Min(window.LoadedTo, _chunkEnd);
        _chunkIsOdd ^= QuoteParity.IsOdd(window.Slice(_countedTo, to));
        _countedTo = to;
        if (to == _chunkEnd && to % split.ChunkSize == 0)
            parity.Publish(split, _chunkEnd - split.ChunkSize, _chunkIsOdd);
    }

    private async ValueTask ReportAsync(SplitBatch<T> batch, FileWindow window, CancellationToken cancellationToken)
    {
        RecordParser<T> parser = _parser!; // it has just found the mistake
        int start = window.Start;
        long errorAt = window.Offset + (parser.ErrorAt - start);
        int textLength = Math.Min(_behindMalformed - start, MostText);
        string text = Encoding.UTF8.GetString(window.Buffer, start, textLength).TrimEnd('\r', '\n');
        if (options.OnMalformed == MalformedLines.Fail)
            throw await FailureAsync(window, errorAt, text, parser, cancellationToken);

        // Only one line is given up, so the place is on that line, even if the mistake shows further on.
        long place = parser.ErrorAt < _behindMalformed ? errorAt : window.Offset;
        (long line, long column) = await _lines!.PlaceOfAsync(place, cancellationToken); // opened before
        batch.AddSideOutput(FileSource.Malformed, new MalformedLine(split.Path, line, column, text, parser.Error));
        window.Start = _behindMalformed;
        batch.Position = new SourcePosition(window.Offset);
    }

    private async ValueTask<Exception> FailureAsync(FileWindow window, long errorAt, string text, RecordParser<T> parser, CancellationToken cancellationToken)
    {
        (string error, Exception? cause) = (parser.Error, parser.Cause);
        if (split.Stripes > 1 && format.HasQuotes)
        {
            // A stray quote turns inside and outside around for every other stripe, so the mistake to name is the first of the file.
            await using var reader = new FileSplitReader<T>(path, split with { Stripe = 0, Stripes = 1 }, 0, options, format, parity);
            await reader.ThrowFirstMistakeAsync(errorAt, cancellationToken);
        }

        (long line, long column) = await _lines!.PlaceOfAsync(errorAt, cancellationToken); // opened before
        return new MalformedInputException(new MalformedLine(split.Path, line, column, text, error), cause);
    }

    private async ValueTask ThrowFirstMistakeAsync(long before, CancellationToken cancellationToken)
    {
        var batch = new SplitBatch<T>();
        while (await ReadAsync(batch, cancellationToken) && batch.Position.Offset < before)
            batch.Batch.Reset();
    }

    /// <summary>Passes over a record that is longer than allowed, to the next line end, without keeping it.</summary>
    private async ValueTask SkipAsync(SplitBatch<T> batch, FileWindow window, CancellationToken cancellationToken)
    {
        long start = window.Offset;
        string text = StartOf(window.Bytes);
        string error = $"The record is longer than {options.MaxLineLength} bytes; see {nameof(FileSourceOptions.MaxLineLength)}.";
        (long line, long column) = await _lines!.PlaceOfAsync(start, cancellationToken); // opened before
        var malformed = new MalformedLine(split.Path, line, column, text, error);
        if (options.OnMalformed == MalformedLines.Fail)
            throw new MalformedInputException(malformed);
        int lineEnd;
        while ((lineEnd = window.Bytes.IndexOf((byte)'\n')) < 0)
        {
            window.Start = window.End;
            if (!await window.LoadAsync(_chunkEnd, cancellationToken))
                break;
        }

        window.Start += lineEnd + 1;
        batch.AddSideOutput(FileSource.Malformed, malformed);
        batch.Position = new SourcePosition(window.Offset);
    }

    /// <summary>The first line of a record that is too long, or as much of it as is surely in memory, so that the text is the same wherever reading began.</summary>
    private string StartOf(ReadOnlySpan<byte> record)
    {
        ReadOnlySpan<byte> start = record[..Math.Min(record.Length, Math.Min(MostText, options.MaxLineLength))];
        int lineEnd = start.IndexOf((byte)'\n');
        return Encoding.UTF8.GetString(lineEnd < 0 ? start : start[..lineEnd]).TrimEnd('\r');
    }
}
