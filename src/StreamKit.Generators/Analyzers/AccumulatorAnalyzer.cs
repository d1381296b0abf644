using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using StreamKit.Generators.Model;

namespace StreamKit.Generators.Analyzers;

/// <summary>Finds accumulators of classes that are replaced at each update instead of changed in place.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class AccumulatorAnalyzer : DiagnosticAnalyzer
{
    private const string AggregateFunction = "StreamKit.AggregateFunction`3";

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.Replaced];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterOperationAction(AnalyzeScan, OperationKind.Invocation);
        context.RegisterOperationBlockAction(AnalyzeAdd);
    }

    private static void AnalyzeScan(OperationAnalysisContext context)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod is not { Name: "Scan", TypeArguments: [{ TypeKind: TypeKind.Class } accumulator] } method || !StreamCalls.IsOnStream(method))
            return;

        var fold = call.Arguments.FirstOrDefault(static a => a.Parameter?.Name == "fold");
        if (fold is not null && StreamCalls.Unwrap(fold.Value) is IAnonymousFunctionOperation function && AlwaysReplaces(function.Body) is { } place)
            context.ReportDiagnostic(Diagnostic.Create(Rules.Replaced, place.GetLocation(), "Scan", TypeText.InMessage(accumulator)));
    }

    private static void AnalyzeAdd(OperationBlockAnalysisContext context)
    {
        if (context.OwningSymbol is not IMethodSymbol { Name: "Add", IsOverride: true, ReturnType.TypeKind: TypeKind.Class, OverriddenMethod.ContainingType: { } declarer } method
            || TypeText.Definition(declarer) != AggregateFunction)
            return;

        foreach (var block in context.OperationBlocks.OfType<IBlockOperation>())
        {
            if (AlwaysReplaces(block) is { } place)
                context.ReportDiagnostic(Diagnostic.Create(Rules.Replaced, place.GetLocation(), $"{method.ContainingType.Name}.Add", TypeText.InMessage(method.ReturnType)));
        }
    }

    /// <summary>The first place where a new object is returned, if nothing else ever is: once in a while is no harm.</summary>
    private static SyntaxNode? AlwaysReplaces(IBlockOperation body)
    {
        var returned = StreamCalls.OwnDescendants(body).OfType<IReturnOperation>().Select(static r => r.ReturnedValue).OfType<IOperation>().ToList();
        return returned.Count > 0 && returned.All(IsNew) && returned.Any(static r => StreamCalls.Unwrap(r) is not IThrowOperation) ? returned[0].Syntax : null;
    }

    private static bool IsNew(IOperation value) => StreamCalls.Unwrap(value) switch
    {
        IObjectCreationOperation or IWithOperation or IThrowOperation => true,
        IConditionalOperation { WhenFalse: { } otherwise } choice => IsNew(choice.WhenTrue) && IsNew(otherwise),
        ISwitchExpressionOperation choice => choice.Arms.All(static arm => IsNew(arm.Value)),
        _ => false,
    };
}
