using Microsoft.CodeAnalysis;
using StreamKit.Generators.Model;

namespace StreamKit.Generators;

/// <summary>Makes the serializers of types marked <c>[StreamType]</c>, with the bytes and the schema of those that StreamKit makes at run time.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class StreamTypeGenerator : IIncrementalGenerator
{
    /// <summary>The step that looks at a type, for tests of what is done again.</summary>
    public const string ModelStep = "StreamTypes";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var models = context.SyntaxProvider
            .ForAttributeWithMetadataName(TypeWalk.AttributeName, static (_, _) => true, static (found, cancellationToken) =>
                new TypeWalk(found.SemanticModel.Compilation, cancellationToken).Run((INamedTypeSymbol)found.TargetSymbol))
            .WithTrackingName(ModelStep);

        context.RegisterSourceOutput(models.Collect(), static (output, all) =>
        {
            if (all.Any(static model => model.Codes.Count > 0))
                output.AddSource("StreamTypes.g.cs", SerializerSource.Write(all));
        });
    }
}
