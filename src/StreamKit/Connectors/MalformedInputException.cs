namespace StreamKit;

/// <summary>A line of a file could not be read.</summary>
public sealed class MalformedInputException : StreamKitException
{
    /// <summary>The excerpt of the message; the whole text is in <see cref="Malformed"/>.</summary>
    private const int ExcerptLength = 120;

    /// <summary>Creates the exception.</summary>
    /// <param name="malformed">The line and what is wrong with it.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public MalformedInputException(MalformedLine malformed, Exception? innerException = null)
        : base(Describe(malformed), innerException)
    {
        Malformed = malformed;
        IsPermanent = true;
    }

    /// <summary>The line and what is wrong with it.</summary>
    public MalformedLine Malformed { get; }

    private static string Describe(MalformedLine malformed)
    {
        ArgumentNullException.ThrowIfNull(malformed);
        string text = malformed.Text.Length > ExcerptLength ? malformed.Text[..ExcerptLength] + "…" : malformed.Text;
        text = string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c));
        return $"'{malformed.Path}', line {malformed.Line}, column {malformed.Column}: {malformed.Error} The record begins: '{text}'. "
            + $"Correct the file, or set {nameof(FileSourceOptions.OnMalformed)} = {nameof(MalformedLines)}.{nameof(MalformedLines.ToSideOutput)} to go on without such lines.";
    }
}
