using System.Text;

namespace StreamKit.Serialization;

internal sealed class StringSerializer : Serializer<string?>
{
    public override void Write(ref MessagePackWriter writer, string? value) => writer.Write(value);

    public override string? Read(ref MessagePackReader reader) => reader.ReadString();
}

/// <summary>As its UTF-16 code unit, for it may be half a surrogate pair.</summary>
internal sealed class CharSerializer : Serializer<char>
{
    public override void Write(ref MessagePackWriter writer, char value) => writer.Write((ulong)value);

    public override char Read(ref MessagePackReader reader) => (char)reader.ReadUInt16();
}

/// <summary>As its code point.</summary>
internal sealed class RuneSerializer : Serializer<Rune>
{
    public override void Write(ref MessagePackWriter writer, Rune value) => writer.Write(value.Value);

    public override Rune Read(ref MessagePackReader reader)
    {
        var point = reader.ReadInt32();
        return Rune.IsValid(point) ? new Rune(point) : throw new StreamSerializationException(
            $"A 'Rune' before byte {reader.Position} has the value {point}, which is no Unicode scalar value. The bytes are damaged.");
    }
}

/// <summary>As text, as it was written by the user.</summary>
internal sealed class UriSerializer : Serializer<Uri?>
{
    public override void Write(ref MessagePackWriter writer, Uri? value) => writer.Write(value?.OriginalString);

    public override Uri? Read(ref MessagePackReader reader)
    {
        var text = reader.ReadString();
        if (text is null)
            return null;

        return Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var value) ? value : throw new StreamSerializationException(
            $"A 'Uri' before byte {reader.Position} is a text of {text.Length} chars that is no URI. The bytes are damaged.");
    }
}

/// <summary>As text.</summary>
internal sealed class VersionSerializer : Serializer<Version?>
{
    public override void Write(ref MessagePackWriter writer, Version? value) => writer.Write(value?.ToString());

    public override Version? Read(ref MessagePackReader reader)
    {
        var text = reader.ReadString();
        if (text is null)
            return null;

        return Version.TryParse(text, out var value) ? value : throw new StreamSerializationException(
            $"A 'Version' before byte {reader.Position} is a text of {text.Length} chars that is no version. The bytes are damaged.");
    }
}
