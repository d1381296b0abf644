using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using StreamKit.Generators.Model;

namespace StreamKit.Generators.Analyzers;

/// <summary>Recognises the verbs of StreamKit.</summary>
internal static class StreamCalls
{
    private static readonly HashSet<string> _streams = ["StreamKit.DataStream`1", "StreamKit.KeyedStream`2", "StreamKit.WindowedStream`2"];

    // Where a 'name' is what state is found again by.
    private static readonly HashSet<string> _named =
        [.. _streams, "StreamKit.StreamJobBuilder", "StreamKit.KeyedStateContext", "StreamKit.OperatorContext", "StreamKit.SinkContext"];

    public static bool IsOnStream(IMethodSymbol method) => _streams.Contains(TypeText.Definition(method.ContainingType));

    public static bool TakesName(IMethodSymbol method) => _named.Contains(TypeText.Definition(method.ContainingType));

    /// <summary>What is really given for a parameter, conversions aside.</summary>
    public static IOperation Unwrap(IOperation operation) => operation switch
    {
        IConversionOperation { OperatorMethod: null } conversion => Unwrap(conversion.Operand),
        IParenthesizedOperation parenthesized => Unwrap(parenthesized.Operand),
        IDelegateCreationOperation creation => Unwrap(creation.Target),
        _ => operation,
    };

    /// <summary>The operation with all in it, but without the functions in it.</summary>
    public static IEnumerable<IOperation> OwnDescendants(IOperation operation)
    {
        foreach (var child in operation.ChildOperations)
        {
            if (child is IAnonymousFunctionOperation or ILocalFunctionOperation)
                continue;

            yield return child;
            foreach (var inner in OwnDescendants(child))
                yield return inner;
        }
    }
}
