using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace StreamKit.Generators.Analyzers;

/// <summary>Finds names by which state is found again that are empty, or that may differ between two starts of a job.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NameAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.EmptyName, Rules.ComputedName];

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
        if (!StreamCalls.TakesName(call.TargetMethod))
            return;

        // A name that may be left out is for display.
        var name = call.Arguments.FirstOrDefault(static a => a.Parameter is { Name: "name", Type.SpecialType: SpecialType.System_String, IsOptional: false });
        if (name is null)
            return;

        if (name.Value.ConstantValue is { HasValue: true, Value: var value })
        {
            if (value is string text && string.IsNullOrWhiteSpace(text))
                context.ReportDiagnostic(Diagnostic.Create(Rules.EmptyName, name.Syntax.GetLocation(), call.TargetMethod.Name));
        }
        else if (!IsGiven(StreamCalls.Unwrap(name.Value)))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.ComputedName, name.Syntax.GetLocation(), call.TargetMethod.Name));
        }
    }

    /// <summary>Whether a name is passed on as somebody else has given it, who then answers for it.</summary>
    private static bool IsGiven(IOperation name) => name is IParameterReferenceOperation or IFieldReferenceOperation { Field: { IsStatic: true, IsReadOnly: true } };
}
