using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace StreamKit.Guards.Tests;

/// <summary>One place in a file of the core that names something declared in another folder.</summary>
internal sealed record FolderUse(string File, int Line, string From, string To, string Type)
{
    private const string Core = "src/StreamKit/";

    /// <summary>The first folder below src/StreamKit; folders inside a folder belong to it.</summary>
    public static string FolderOf(string file)
    {
        var inside = file[Core.Length..];
        var end = inside.IndexOf('/', StringComparison.Ordinal);

        return end < 0 ? FolderRanks.Root : inside[..end];
    }

    /// <summary>Every use of another folder in a compilation of the core. A comment's cref is not a use.</summary>
    public static IEnumerable<FolderUse> In(Compilation compilation) =>
        compilation.SyntaxTrees
            .Where(tree => tree.FilePath.StartsWith(Core, StringComparison.Ordinal))
            .SelectMany(tree => In(tree, compilation.GetSemanticModel(tree)));

    private static IEnumerable<FolderUse> In(SyntaxTree tree, SemanticModel model)
    {
        var from = FolderOf(tree.FilePath);
        foreach (var node in tree.GetRoot().DescendantNodes())
        {
            // Names cover types and members alike; a target-typed 'new()' and a lambda's inferred types name nothing but are uses as well.
            var symbols = node switch
            {
                SimpleNameSyntax name => [model.GetSymbolInfo(name).Symbol],
                ImplicitObjectCreationExpressionSyntax creation => [model.GetSymbolInfo(creation).Symbol],
                ElementAccessExpressionSyntax access => [model.GetSymbolInfo(access).Symbol],
                _ => Array.Empty<ISymbol?>(),
            };

            foreach (var symbol in symbols)
            {
                if (Declarer(symbol) is not { } type || type.Locations.Any(place => place.SourceTree == tree))
                {
                    continue;
                }

                // A partial type may be spread over folders: it counts as the nearest one.
                var folders = type.Locations.Where(place => place.SourceTree is { } other && other.FilePath.StartsWith(Core, StringComparison.Ordinal))
                    .Select(place => FolderOf(place.SourceTree!.FilePath)).ToList();
                if (folders.Count > 0 && !folders.Contains(from))
                {
                    var line = tree.GetLineSpan(node.Span).StartLinePosition.Line + 1;
                    yield return new FolderUse(tree.FilePath, line, from, folders[0], type.ToDisplayString());
                }
            }
        }
    }

    private static INamedTypeSymbol? Declarer(ISymbol? symbol) => symbol switch
    {
        INamedTypeSymbol type => type.OriginalDefinition,
        IMethodSymbol { ReducedFrom: { } original } => original.ContainingType.OriginalDefinition,
        IMethodSymbol or IPropertySymbol or IFieldSymbol or IEventSymbol => symbol.ContainingType?.OriginalDefinition,
        _ => null,
    };
}
