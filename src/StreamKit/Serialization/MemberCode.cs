using System.Runtime.CompilerServices;

namespace StreamKit.Serialization;

/// <summary>The code for the members of one type, with the guards around it.</summary>
internal sealed class MemberCode<T>(WriteMembers<T> write, ReadMembers<T> read, bool isRecursive)
{
    /// <summary>Stands in until the serializers of the members are known.</summary>
    public static readonly MemberCode<T> Unfinished = new(
        static (ref _, _) => throw new StreamSerializationException($"The serializer of '{TypeName.Of(typeof(T))}' was used before it was finished."),
        static (ref _) => throw new StreamSerializationException($"The serializer of '{TypeName.Of(typeof(T))}' was used before it was finished."),
        false);

    /// <summary>Compiles the code where code can be made at run time, and goes by reflection elsewhere.</summary>
    public static MemberCode<T> Make(ObjectShape shape, object[] serializers, bool isRecursive)
    {
        if (RuntimeFeature.IsDynamicCodeSupported)
            return new MemberCode<T>(MemberCompiler.Write<T>(shape, serializers), MemberCompiler.Read<T>(shape, serializers), isRecursive);

        var reflected = new ReflectedMembers<T>(shape, serializers);
        return new MemberCode<T>(reflected.Write, reflected.Read, isRecursive);
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
