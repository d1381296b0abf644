using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace StreamKit.Serialization;

/// <summary>
/// The types whose serializers were made at compile time, in the whole process; each assembly's module initializer adds its own. For generated code.
/// Safe for concurrent use. It does not keep assemblies from being unloaded.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class GeneratedTypes
{
    private static readonly ConditionalWeakTable<Type, Func<GeneratedShape>> _shapes = [];
    private static readonly ConditionalWeakTable<Type, GenericShape> _genericShapes = [];

    /// <summary>Adds a type; of several shapes of one type, which mean the same, the first stays.</summary>
    /// <param name="type">The type.</param>
    /// <param name="shape">Makes its shape, once for each serializer.</param>
    public static void Add(Type type, Func<GeneratedShape> shape)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(shape);

        // A type that stays would keep the assembly whose code it leads to; its serializer can be made at run time there.
        if (RuntimeFeature.IsDynamicCodeSupported && !type.IsCollectible && shape.Method.Module.Assembly.IsCollectible)
            return;

        _shapes.TryAdd(type, shape);
    }

    /// <summary>Adds a generic type. Where code cannot be made at run time, only those of its closed types are served that <see cref="Add"/> names.</summary>
    /// <param name="definition">The generic type definition.</param>
    /// <param name="code">An <see cref="IGeneratedType"/> with the same type parameters.</param>
    public static void AddGeneric(Type definition, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] Type code)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(code);
        _genericShapes.TryAdd(definition, new GenericShape(code));
    }

    /// <summary>The shape of a type; null if its serializer was not made at compile time.</summary>
    internal static TypeShape? Find(Type type)
    {
        // An assembly of which nothing has run yet has added nothing yet. Compiled ahead of time, all have.
        if (RuntimeFeature.IsDynamicCodeSupported && type.IsDefined(typeof(StreamTypeAttribute), inherit: false))
            RuntimeHelpers.RunModuleConstructor(type.Module.ModuleHandle);

        if (_shapes.TryGetValue(type, out var shape))
            return shape().Shape;

        return RuntimeFeature.IsDynamicCodeSupported && type.IsConstructedGenericType && !type.ContainsGenericParameters
            && _genericShapes.TryGetValue(type.GetGenericTypeDefinition(), out var generic)
            ? generic.Close(type.GetGenericArguments()).Shape.Shape
            : null;
    }

    private sealed class GenericShape([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] Type code)
    {
        public IGeneratedType Close(Type[] arguments) => (IGeneratedType)(Activator.CreateInstance(code.MakeGenericType(arguments))
            ?? throw new StreamSerializationException($"The generated code '{code}' cannot be used. Build with the generator of the same package."));
    }
}
