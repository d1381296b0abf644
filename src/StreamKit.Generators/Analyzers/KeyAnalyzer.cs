using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using StreamKit.Generators.Model;

namespace StreamKit.Generators.Analyzers;

/// <summary>Says at <c>KeyBy</c> what <c>Build()</c> would say of the key's type.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class KeyAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.Key];

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
        if (call.TargetMethod is not { Name: "KeyBy", TypeArguments: [var key] } method || !StreamCalls.IsOnStream(method))
            return;

        if (new KeyCheck(context.Compilation).Problem(key) is { } problem)
            context.ReportDiagnostic(Diagnostic.Create(Rules.Key, call.Arguments[0].Syntax.GetLocation(), TypeText.InMessage(key), problem));
    }
}
