using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamKit.Serialization;

/// <summary>An array header and the elements, for every kind of sequence; nil for null.</summary>
internal static class SequenceElements
{
    public static void Write<T>(ref MessagePackWriter writer, Serializer<T> element, ReadOnlySpan<T> values)
    {
        writer.WriteArrayHeader(values.Length);
        foreach (var value in values)
            element.Write(ref writer, value);
    }

    public static T[] Read<T>(ref MessagePackReader reader, Serializer<T> element)
    {
        var count = reader.ReadArrayHeader();
        if (count == 0)
            return [];

        var values = new T[Math.Min(count, Parts.TrustedCount)];
        for (var i = 0; i < count; i++)
        {
            if (i == values.Length)
                Array.Resize(ref values, (int)Math.Min(count, 2L * i));

            values[i] = element.Read(ref reader);
        }

        return values;
    }
}

internal sealed class ArraySerializer<T>(Serializer<T> element) : Serializer<T[]?>
{
    public override void Write(ref MessagePackWriter writer, T[]? value)
    {
        if (value is null)
            writer.WriteNil();
        else
            SequenceElements.Write(ref writer, element, value);
    }

    public override T[]? Read(ref MessagePackReader reader) => reader.TryReadNil() ? null : SequenceElements.Read(ref reader, element);
}

internal sealed class ListSerializer<T>(Serializer<T> element) : Serializer<List<T>?>
{
    public override void Write(ref MessagePackWriter writer, List<T>? value)
    {
        if (value is null)
            writer.WriteNil();
        else
            SequenceElements.Write(ref writer, element, CollectionsMarshal.AsSpan(value));
    }

    public override List<T>? Read(ref MessagePackReader reader)
    {
        if (reader.TryReadNil())
            return null;

        var count = reader.ReadArrayHeader();
        var values = new List<T>(Math.Min(count, Parts.TrustedCount));
        for (; count > 0; count--)
            values.Add(element.Read(ref reader));

        return values;
    }
}

/// <summary>The unset array is nil, the empty one is empty.</summary>
internal sealed class ImmutableArraySerializer<T>(Serializer<T> element) : Serializer<ImmutableArray<T>>
{
    public override void Write(ref MessagePackWriter writer, ImmutableArray<T> value)
    {
        if (value.IsDefault)
            writer.WriteNil();
        else
            SequenceElements.Write(ref writer, element, value.AsSpan());
    }

    public override ImmutableArray<T> Read(ref MessagePackReader reader) =>
        reader.TryReadNil() ? default : ImmutableCollectionsMarshal.AsImmutableArray(SequenceElements.Read(ref reader, element));
}

/// <summary>Any other sequence: written in its own order, made again from the elements in that order.</summary>
internal abstract class SequenceSerializer<TSequence, T>(Serializer<T> element) : Serializer<TSequence?>
    where TSequence : class, IEnumerable<T>
{
    public sealed override void Write(ref MessagePackWriter writer, TSequence? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNil();
                break;
            case T[] array:
                SequenceElements.Write(ref writer, element, array);
                break;
            case List<T> list:
                SequenceElements.Write(ref writer, element, CollectionsMarshal.AsSpan(list));
                break;
            default:
                // One pass, whatever the sequence says of its length: a lazy one may change between two.
                SequenceElements.Write(ref writer, element, value.ToArray());
                break;
        }
    }

    public sealed override TSequence? Read(ref MessagePackReader reader) => reader.TryReadNil() ? null : Make(SequenceElements.Read(ref reader, element));

    protected abstract TSequence Make(T[] values);
}

/// <summary>The sequence interfaces, made again as lists.</summary>
internal sealed class ListInterfaceSerializer<TSequence, T>(Serializer<T> element) : SequenceSerializer<TSequence, T>(element)
    where TSequence : class, IEnumerable<T>
{
    protected override TSequence Make(T[] values) => Unsafe.As<TSequence>(new List<T>(values));
}

/// <summary>The set interfaces, made again as hash sets.</summary>
internal sealed class SetInterfaceSerializer<TSequence, T>(Serializer<T> element) : SequenceSerializer<TSequence, T>(element)
    where TSequence : class, IEnumerable<T>
{
    protected override TSequence Make(T[] values) => Unsafe.As<TSequence>(new HashSet<T>(values));
}

internal sealed class HashSetSerializer<T>(Serializer<T> element) : SequenceSerializer<HashSet<T>, T>(element)
{
    protected override HashSet<T> Make(T[] values) => [.. values];
}

internal sealed class SortedSetSerializer<T>(Serializer<T> element) : SequenceSerializer<SortedSet<T>, T>(element)
{
    protected override SortedSet<T> Make(T[] values) => [.. values];
}

internal sealed class QueueSerializer<T>(Serializer<T> element) : SequenceSerializer<Queue<T>, T>(element)
{
    protected override Queue<T> Make(T[] values) => new(values);
}

internal sealed class LinkedListSerializer<T>(Serializer<T> element) : SequenceSerializer<LinkedList<T>, T>(element)
{
    protected override LinkedList<T> Make(T[] values) => new(values);
}

/// <summary>Written from the top down.</summary>
internal sealed class StackSerializer<T>(Serializer<T> element) : SequenceSerializer<Stack<T>, T>(element)
{
    protected override Stack<T> Make(T[] values)
    {
        Array.Reverse(values);
        return new Stack<T>(values);
    }
}

internal sealed class ImmutableListSerializer<T>(Serializer<T> element) : SequenceSerializer<ImmutableList<T>, T>(element)
{
    protected override ImmutableList<T> Make(T[] values) => [.. values];
}

internal sealed class ImmutableHashSetSerializer<T>(Serializer<T> element) : SequenceSerializer<ImmutableHashSet<T>, T>(element)
{
    protected override ImmutableHashSet<T> Make(T[] values) => [.. values];
}
