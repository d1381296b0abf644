using StreamKit.Operators;

namespace StreamKit;

/// <summary>Names a side output; see <see cref="OutputTag{T}"/>.</summary>
public abstract class OutputTag
{
    private protected OutputTag(string name, Type type)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        Type = type;
    }

    /// <summary>The name, unique among the side outputs of one operator.</summary>
    public string Name { get; }

    /// <summary>The type of the records.</summary>
    public Type Type { get; }

    internal abstract SideOutput Connect(ChainWiring wiring);

    /// <inheritdoc/>
    public override string ToString() => $"'{Name}' ({Type.Name})";
}

/// <summary>Names a side output of an operator. Tags of the same name and type are the same output.</summary>
/// <typeparam name="T">The type of its records.</typeparam>
/// <param name="name">The name, unique among the side outputs of one operator.</param>
public sealed class OutputTag<T>(string name) : OutputTag(name, typeof(T))
{
    internal override SideOutput Connect(ChainWiring wiring) => new SideOutput<T>(this, wiring.Output(this), wiring.Metrics);
}
