using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using StreamKit.Generators.Model;

namespace StreamKit.Generators.Analyzers;

/// <summary>Says of each type marked <c>[StreamType]</c> what stands against serializing it, with the member and the remedy.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class StreamTypeAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.Unserializable, Rules.Lost, Rules.Unmakeable, Rules.Unreachable];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterSymbolAction(Analyze, SymbolKind.NamedType);
    }

    private static void Analyze(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (!TypeWalk.HasAttribute(type))
            return;

        var walk = new TypeWalk(context.Compilation, context.CancellationToken);
        walk.Run(type);
        foreach (var problem in walk.Problems.Distinct())
        {
            var place = problem.Place.Locations.FirstOrDefault(static l => l.IsInSource) ?? type.Locations[0];
            context.ReportDiagnostic(Diagnostic.Create(Rule(problem.Kind), place, problem.Text));
        }
    }

    private static DiagnosticDescriptor Rule(ProblemKind kind) => kind switch
    {
        ProblemKind.Unserializable => Rules.Unserializable,
        ProblemKind.Lost => Rules.Lost,
        ProblemKind.Unmakeable => Rules.Unmakeable,
        _ => Rules.Unreachable,
    };
}
