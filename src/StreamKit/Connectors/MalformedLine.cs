namespace StreamKit;

/// <summary>A line that a file source could not read.</summary>
/// <param name="Path">The file.</param>
/// <param name="Line">The line of the mistake, from 1.</param>
/// <param name="Column">The character of the line at which the mistake is, from 1.</param>
/// <param name="Text">The text from the start of the record, cut after 1,024 bytes.</param>
/// <param name="Error">What is wrong with it.</param>
public sealed record MalformedLine(string Path, long Line, long Column, string Text, string Error);
