using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using StreamKit.Generators.Model;

namespace StreamKit.Generators.Analyzers;

/// <summary>
/// Finds state of keyed functions that nothing ever takes away, under keys of which there may be ever more. Where it cannot see whether something does, it is silent.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class EndlessStateAnalyzer : DiagnosticAnalyzer
{
    private const string Function = "StreamKit.KeyedProcessFunction`3";
    private const string StateContext = "StreamKit.KeyedStateContext";

    private static readonly HashSet<string> _handles =
        ["StreamKit.ValueState`1", "StreamKit.ListState`1", "StreamKit.MapState`2", "StreamKit.ReducingState`1", "StreamKit.AggregatingState`2"];

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.EndlessState];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterSymbolStartAction(Begin, SymbolKind.NamedType);
    }

    private static void Begin(SymbolStartAnalysisContext context)
    {
        // A base of the user's own may do with the state what cannot be seen here.
        if (((INamedTypeSymbol)context.Symbol).BaseType is not { TypeArguments: [var key, ..] } declared
            || TypeText.Definition(declared) != Function
            || !EndlessKeys.AreThere(key))
        {
            return;
        }

        var found = new Found(key);
        context.RegisterOperationAction(found.Look, OperationKind.Invocation, OperationKind.PropertyReference, OperationKind.FieldReference, OperationKind.LocalReference, OperationKind.ParameterReference);
        context.RegisterSymbolEndAction(found.Report);
    }

    private static bool IsHandle(ITypeSymbol? type) => type is not null && _handles.Contains(TypeText.Definition(type));

    /// <summary>What is found in one function.</summary>
    private sealed class Found(ITypeSymbol key)
    {
        private readonly ConcurrentBag<IInvocationOperation> _kept = [];
        private volatile bool _mayForget;

        public void Look(OperationAnalysisContext context)
        {
            // Only ever set: several threads look at once, and one that read it before another set it must not take that back.
            if (MayForget(context.Operation))
                _mayForget = true;
            if (context.Operation is IInvocationOperation made && Keeps(made))
                _kept.Add(made);
        }

        private static bool MayForget(IOperation operation) => operation switch
        {
            IInvocationOperation call => Forgets(call),
            IPropertyReferenceOperation { Property: { Name: "Timers", ContainingNamespace.Name: "StreamKit" } } => true,
            IPropertyReferenceOperation { Property.Name: "Value", Instance.Type: { } handle, Parent: ISimpleAssignmentOperation set } value when IsHandle(handle) && set.Target == value => MayBeNull(set.Value),
            _ => IsHandle(operation.Type) && IsPassedOn(operation),
        };

        public void Report(SymbolAnalysisContext context)
        {
            if (_mayForget)
                return;
            foreach (var call in _kept)
            {
                var name = call.Arguments.FirstOrDefault(static each => each.Parameter?.Name == "name")?.Value.ConstantValue.Value as string ?? "?";
                context.ReportDiagnostic(Diagnostic.Create(Rules.EndlessState, call.Syntax.GetLocation(), name, TypeText.InMessage(key)));
            }
        }

        /// <summary>Whether a call makes state that could expire and does not.</summary>
        private static bool Keeps(IInvocationOperation call) =>
            TypeText.Definition(call.TargetMethod.ContainingType) == StateContext
            && call.Arguments.FirstOrDefault(static each => each.Parameter?.Name == "ttl") is { } ttl
            && StreamCalls.Unwrap(ttl.Value).ConstantValue is { HasValue: true, Value: null };

        /// <summary>Whether a call takes something out of a state.</summary>
        private static bool Forgets(IInvocationOperation call) =>
            IsHandle(call.Instance?.Type) && call.TargetMethod.Name is "Clear" or "Remove" or "Update";

        /// <summary>Whether the state may be cleared by what is set: null does so.</summary>
        private static bool MayBeNull(IOperation value) => StreamCalls.Unwrap(value) switch
        {
            { ConstantValue: { HasValue: true, Value: null } } => true,
            IDefaultValueOperation => true,
            IConditionalOperation { WhenFalse: { } otherwise } choice => MayBeNull(choice.WhenTrue) || MayBeNull(otherwise),
            ISwitchExpressionOperation choice => choice.Arms.Any(static arm => MayBeNull(arm.Value)),
            _ => false,
        };

        /// <summary>Whether a handle is given to somebody else, who may clear it.</summary>
        private static bool IsPassedOn(IOperation handle)
        {
            var user = handle.Parent;
            while (user is IConversionOperation or IParenthesizedOperation)
                user = user.Parent;
            return user is IArgumentOperation or IReturnOperation or ITupleOperation or IArrayInitializerOperation or IVariableInitializerOperation
                || (user is ISimpleAssignmentOperation assignment && assignment.Value.DescendantsAndSelf().Contains(handle));
        }
    }
}
