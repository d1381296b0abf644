using System.Runtime.CompilerServices;

namespace StreamKit.Serialization;

/// <summary>The code for the members of one type, with the guards around it.</summary>
internal sealed class MemberCode<T>(WriteMembers<T> write, ReadMembers<T> read, WriteDefault writeDefault, bool isRecursive)
{
    /// <summary>Stands in until the serializers of the members are known.</summary>
    public static readonly MemberCode<T> Unfinished = new(
        static (ref _, _) => throw new StreamSerializationException($"The serializer of '{TypeName.Of(typeof(T))}' was used before it was finished."),
        static (ref _) => throw new StreamSerializationException($"The serializer of '{TypeName.Of(typeof(T))}' was used before it was finished."),
        static (ref _, _) => throw new StreamSerializationException($"The serializer of '{TypeName.Of(typeof(T))}' was used before it was finished."),
        false);

    /// <summary>Takes the code made at compile time; without, compiles it where code can be made at run time, and goes by reflection elsewhere.</summary>
    public static MemberCode<T> Make(TypeShape shape, object[] serializers, bool isRecursive)
    {
        if (shape.Generated is GeneratedMembers<T> generated)
        {
            generated.Complete(new MemberSerializers(serializers));
            return new MemberCode<T>(generated.Write, generated.Read, generated.WriteDefault, isRecursive);
        }

        var members = shape.Members ?? throw new StreamSerializationException($"Nothing is known of the members of '{TypeName.Of(typeof(T))}'. Register a custom serializer for it.");
        var defaults = new MemberDefaults(members, serializers);
        if (RuntimeFeature.IsDynamicCodeSupported)
            return new MemberCode<T>(MemberCompiler.Write<T>(members, serializers), MemberCompiler.Read<T>(members, serializers), defaults.Write, isRecursive);

        var reflected = new ReflectedMembers<T>(members, serializers);
        return new MemberCode<T>(reflected.Write, reflected.Read, defaults.Write, isRecursive);
    }

    public void Write(ref MessagePackWriter writer, T value)
    {
        if (!isRecursive)
        {
            write(ref writer, value);
            return;
        }

        writer.EnterDepth();
        write(ref writer, value);
        writer.LeaveDepth();
    }

    public void WriteDefault(ref MessagePackWriter writer, int member) => writeDefault(ref writer, member);

    public T Read(ref MessagePackReader reader)
    {
        // Damaged bytes may hold what a constructor or setter refuses.
        try
        {
            if (!isRecursive)
                return read(ref reader);

            reader.EnterDepth();
            var value = read(ref reader);
            reader.LeaveDepth();
            return value;
        }
        catch (Exception error) when (error is not (StreamKitException or OutOfMemoryException))
        {
            throw new StreamSerializationException($"'{TypeName.Of(typeof(T))}' refused the values read before byte {reader.Position}: {error.Message} The bytes are damaged, or the type's own rules have changed.", error);
        }
    }
}
