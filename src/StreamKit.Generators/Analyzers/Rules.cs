using Microsoft.CodeAnalysis;

namespace StreamKit.Generators.Analyzers;

/// <summary>Every diagnostic of StreamKit. docs/analyzers.md has a section for each.</summary>
internal static class Rules
{
    public static readonly DiagnosticDescriptor Unserializable = new(
        "SK0001", "A member of a [StreamType] type cannot be serialized", "{0}", "StreamKit.Serialization", DiagnosticSeverity.Warning, true, helpLinkUri: Help("sk0001"));

    public static readonly DiagnosticDescriptor Lost = new(
        "SK0002", "A value of a [StreamType] type would be lost", "{0}", "StreamKit.Serialization", DiagnosticSeverity.Warning, true, helpLinkUri: Help("sk0002"));

    public static readonly DiagnosticDescriptor Unmakeable = new(
        "SK0003", "A [StreamType] type cannot be made again", "{0}", "StreamKit.Serialization", DiagnosticSeverity.Warning, true, helpLinkUri: Help("sk0003"));

    public static readonly DiagnosticDescriptor Unreachable = new(
        "SK0004", "A [StreamType] type is out of reach of generated code", "{0}", "StreamKit.Serialization", DiagnosticSeverity.Warning, true, helpLinkUri: Help("sk0004"));

    public static readonly DiagnosticDescriptor Key = new(
        "SK0005", "A type cannot be a key", "The type '{0}' cannot be a key: {1}", "StreamKit.Serialization", DiagnosticSeverity.Warning, true, helpLinkUri: Help("sk0005"));

    public static readonly DiagnosticDescriptor Captured = new(
        "SK0006",
        "A function of a stream changes a captured variable",
        "The function given to '{0}' changes the captured variable '{1}', which all subtasks share and no checkpoint holds. Keep state in 'Scan' or in the states of 'Process'.",
        "StreamKit.Usage",
        DiagnosticSeverity.Warning,
        true,
        helpLinkUri: Help("sk0006"));

    public static readonly DiagnosticDescriptor Replaced = new(
        "SK0007",
        "A class accumulator is replaced at each update",
        "'{0}' makes a new object of class '{1}' at each update, which is slow and keeps the garbage collector busy. Change the accumulator in place and return it, or make it a struct.",
        "StreamKit.Performance",
        DiagnosticSeverity.Warning,
        true,
        helpLinkUri: Help("sk0007"));

    public static readonly DiagnosticDescriptor EmptyName = new(
        "SK0008",
        "A name by which state is found again is empty",
        "The name given to '{0}' is empty, and state is found again by it. Give it a name, and keep that.",
        "StreamKit.Usage",
        DiagnosticSeverity.Warning,
        true,
        helpLinkUri: Help("sk0008"));

    public static readonly DiagnosticDescriptor ComputedName = new(
        "SK0009",
        "A name by which state is found again is computed",
        "The name given to '{0}' is computed, and state is found again by it. Use a constant, or make sure that every start of the job comes to the same name.",
        "StreamKit.Usage",
        DiagnosticSeverity.Info,
        true,
        helpLinkUri: Help("sk0009"));

    public static readonly DiagnosticDescriptor EndlessState = new(
        "SK0010",
        "State of keys without end is never taken away",
        "State '{0}' is kept for ever for each key of type '{1}'. If keys come and go, give it a StateTtl, or clear it, by a timer for example.",
        "StreamKit.Usage",
        DiagnosticSeverity.Info,
        true,
        helpLinkUri: Help("sk0010"));

    private static string Help(string section) => $"https://github.com/streamkit/streamkit/blob/main/docs/analyzers.md#{section}";
}
