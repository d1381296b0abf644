namespace StreamKit.Tests.TestSupport;

internal static class Serializers
{
    public static SerializerRegistry Create() => new();
}
