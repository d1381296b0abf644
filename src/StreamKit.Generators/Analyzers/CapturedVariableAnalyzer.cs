using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace StreamKit.Generators.Analyzers;

/// <summary>Finds functions of streams that keep state in a variable around them: it is shared by subtasks and missing from checkpoints.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CapturedVariableAnalyzer : DiagnosticAnalyzer
{
    private static readonly HashSet<string> _verbs = ["Map", "Filter", "FlatMap", "KeyBy", "Scan", "Reduce", "Aggregate"];

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.Captured];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterOperationAction(Analyze, OperationKind.Invocation);
    }

    private static void Analyze(OperationAnalysisContext context)
    {
        var call = (IInvocationOperation)context.Operation;
        if (!_verbs.Contains(call.TargetMethod.Name) || !StreamCalls.IsOnStream(call.TargetMethod))
            return;

        foreach (var argument in call.Arguments)
        {
            if (StreamCalls.Unwrap(argument.Value) is not IAnonymousFunctionOperation function)
                continue;

            foreach (var (variable, place) in function.Body.Descendants().SelectMany(Written))
            {
                if (!variable.DeclaringSyntaxReferences.Any(reference => reference.SyntaxTree == function.Syntax.SyntaxTree && function.Syntax.Span.Contains(reference.Span)))
                    context.ReportDiagnostic(Diagnostic.Create(Rules.Captured, place.GetLocation(), call.TargetMethod.Name, variable.Name));
            }
        }
    }

    private static IEnumerable<(ISymbol Variable, SyntaxNode Place)> Written(IOperation operation)
    {
        var target = operation switch
        {
            // Compound, coalescing and deconstructing ones too; a local's own declaration is none of them.
            IAssignmentOperation assignment => assignment.Target,
            IIncrementOrDecrementOperation step => step.Target,
            IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } argument => argument.Value,
            _ => null,
        };
        return target is null ? [] : Targets(target);
    }

    private static IEnumerable<(ISymbol Variable, SyntaxNode Place)> Targets(IOperation target) => target switch
    {
        ILocalReferenceOperation local => [(local.Local, local.Syntax)],
        IParameterReferenceOperation parameter => [(parameter.Parameter, parameter.Syntax)],
        ITupleOperation tuple => tuple.Elements.SelectMany(Targets),
        // A part of a captured struct is a part of the variable; what a captured reference leads to is not.
        IMemberReferenceOperation { Instance: { Type.IsValueType: true } instance } and (IFieldReferenceOperation or IPropertyReferenceOperation) => Targets(instance),
        _ => [],
    };
}
