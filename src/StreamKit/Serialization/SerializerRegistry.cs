namespace StreamKit;

/// <summary>The serializers of one job: those registered, and those made for every other supported type.</summary>
public sealed class SerializerRegistry
{
}
