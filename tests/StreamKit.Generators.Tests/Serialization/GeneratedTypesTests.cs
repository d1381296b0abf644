using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using StreamKit.Serialization;

namespace StreamKit.Generators.Tests.Serialization;

/// <summary>The table of generated types, and assemblies that come and go.</summary>
public class GeneratedTypesTests
{
    private const string Staying = "[StreamType] public record Loaded(int X, double? Y, List<Loaded>? Others, Box<long>? Box); [StreamType] public record Box<T>(T Value);";

    // 'ushort?' stays, and nothing else in this process has added it: the first to add a type is the one that it would keep.
    private const string Leaving = "[StreamType] public record Loaded(int X, ushort? Y, List<Loaded>? Others);";

    [Fact]
    public void Assembly_OfWhichNothingHasRun_IsServed()
    {
        var context = new AssemblyLoadContext("fresh");
        var loaded = Load(context, Staying).GetType("Loaded")!;

        var shape = GeneratedTypes.Find(loaded);

        Assert.NotNull(shape);
        Assert.Equal(["Box", "Others", "X", "Y"], shape.MemberNames);
        Assert.All(shape.Parts.Where(static part => !ScalarTable.OfValues.Contains(part)), static part => Assert.NotNull(GeneratedTypes.Find(part)));
        Assert.Equal(new SerializerRegistry(static _ => null).GetSchema(loaded), new SerializerRegistry().GetSchema(loaded));
    }

    [Fact]
    public void Assembly_ThatIsUnloaded_IsNotKept()
    {
        var context = UseAndUnload();

        for (var i = 0; i < 20 && context.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(context.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference UseAndUnload()
    {
        var context = new AssemblyLoadContext("leaving", isCollectible: true);
        var loaded = Load(context, Leaving).GetType("Loaded")!;
        Assert.NotNull(GeneratedTypes.Find(loaded));
        Assert.Equal([0x93, 0xc0, 0x05, 0xc0], AnySerializer.For(new SerializerRegistry(), loaded).Write(Activator.CreateInstance(loaded, 5, null, null)));
        context.Unload();
        return new WeakReference(context);
    }

    private static Assembly Load(AssemblyLoadContext context, string source)
    {
        using var image = new MemoryStream();
        var result = Sources.Generate(source).Emit(image, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Success);
        image.Position = 0;
        return context.LoadFromStream(image);
    }
}
