using System.Collections;

namespace StreamKit.Tests.Serialization;

public class TypeCheckTests
{
    private readonly SerializerRegistry _registry = new();

    [Fact]
    public void SupportedType_Checked_HasNoProblem()
    {
        Assert.Empty(_registry.Check(typeof(Everything)));
        Assert.Empty(_registry.Check(typeof(Node)));
        Assert.Empty(_registry.Check(typeof(OpenDerived)));
        Assert.Empty(_registry.Check(typeof(OverridingAuto)));
    }

    [Fact]
    public void AllProblems_OfAllMembers_AreListedWithPathAndRemedy()
    {
        var problems = _registry.Check(typeof(Order));

        Assert.Equal(4, problems.Count);
        Has(problems, "'Order.Callback'", "code, not data", "Or register a custom serializer for 'Action'");
        Has(problems, "'Order.Anything'", "the type 'object' is abstract", "concrete type");
        Has(problems, "'Order.Lines[].Shape'", "the type 'IShape' is an interface");
        Has(problems, "'Order.Lines[].Prices[value]'", "'Stream'");
    }

    [Theory]
    [InlineData(typeof(GetOnly), "'GetOnly.Items'", "can be read but not set", "constructor parameter named 'items'")]
    [InlineData(typeof(PrivateSetter), "'PrivateSetter.Number'", "can be read but not set", "'init' setter")]
    [InlineData(typeof(PrivateState), "'PrivateState.secret'", "private field '_secret'", "[IgnoreDataMember]")]
    [InlineData(typeof(SecondField), "'SecondField.Number'", "private field '_Number'", "would be lost")]
    [InlineData(typeof(ReadOnlyField), "'ReadOnlyField.Number'", "read-only field 'Number'", "would be lost")]
    [InlineData(typeof(InheritedState), "'InheritedState.secret'", "private field '_secret'", "would be lost")]
    [InlineData(typeof(Hiding), "'Hiding.Inherited'", "'OpenBase' keeps under this name is hidden", "Rename one")]
    [InlineData(typeof(NoConstructor), "'NoConstructor'", "cannot be made again", "Add one")]
    [InlineData(typeof(UnknownParameter), "'UnknownParameter'", "cannot be made again", "public member")]
    [InlineData(typeof(MyList), "'MyList'", "derives from 'List<int>'", "Keep that as a member")]
    [InlineData(typeof(WithEvent), "'WithEvent.Changed'", "private field 'Changed'", "would be lost")]
    [InlineData(typeof(Captured), "'Captured.hidden'", "would be lost", "'hidden'")]
    [InlineData(typeof(int[,]), "'int[,]'", "more than one dimension", "arrays of arrays")]
    [InlineData(typeof(nint), "'nint'", "not one that StreamKit serializes", "docs/serialization.md")]
    [InlineData(typeof(Task<int>), "'Task<int>'", "not one that StreamKit serializes", "Or register a custom serializer for 'Task<int>'")]
    [InlineData(typeof(IList), "'IList'", "an interface", "concrete type")]
    [InlineData(typeof(List<>), "'List<T>'", "open type parameters", "closed type")]
    [InlineData(typeof(Endless<int>), "", "without end", "same type arguments")]
    public void UnsupportedType_Checked_NamesMemberCauseAndRemedy(Type type, string path, string cause, string remedy)
    {
        var problem = Assert.Single(_registry.Check(type));

        Assert.StartsWith(path, problem, StringComparison.Ordinal);
        Assert.Contains(cause, problem, StringComparison.Ordinal);
        Assert.Contains(remedy, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void UnsupportedType_Taken_ThrowsWithAllProblems()
    {
        var error = Assert.Throws<StreamSerializationException>(() => _registry.Get<Order>());

        Assert.Contains("The type 'Order' cannot be serialized.", error.Message, StringComparison.Ordinal);
        Assert.Contains("'Order.Callback'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'Order.Lines[].Shape'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CustomSerializer_Registered_ServesTheTypeWhereverItOccurs()
    {
        _registry.Register(new ShapeSerializer());

        Assert.Empty(_registry.Check(typeof(List<IShape>)));
        Assert.Empty(_registry.Check(typeof(Wrapped<IShape>)));
        var serializer = _registry.Get<Wrapped<IShape>>();
        var bytes = Wire.Write((ref w) => serializer.Write(ref w, new Wrapped<IShape>(new Square(3), [])));
        var reader = new MessagePackReader(bytes);
        Assert.Equal(new Square(3), serializer.Read(ref reader)!.Value);
        Assert.Equal("929003", Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void CustomSerializer_ForASupportedType_TakesItsPlace()
    {
        _registry.Register(new TextNumberSerializer());

        var serializer = _registry.Get<(int, long)>();

        Assert.Equal("92a13102", Wire.Hex((ref w) => serializer.Write(ref w, (1, 2))));
    }

    [Fact]
    public void CustomSerializer_RegisteredTooLate_IsRefused()
    {
        _registry.Get<string>();

        var error = Assert.Throws<StreamSerializationException>(() => _registry.Register(new ShapeSerializer()));

        Assert.Contains("'IShape' came too late", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ConstructorThatThrows_OnBytesItRefuses_GivesTheOneException()
    {
        var serializer = _registry.Get<Positive>();

        var error = Assert.Throws<StreamSerializationException>(() =>
        {
            var reader = new MessagePackReader(Wire.Bytes("91ff"));
            serializer.Read(ref reader);
        });

        Assert.Contains("'Positive' refused the values", error.Message, StringComparison.Ordinal);
        Assert.IsType<ArgumentOutOfRangeException>(error.InnerException, exactMatch: false);
    }

    [Fact]
    public void OtherVersion_WithAnotherNumberOfMembers_IsNamed()
    {
        var serializer = _registry.Get<Point>();

        var error = Assert.Throws<StreamSerializationException>(() =>
        {
            var reader = new MessagePackReader(Wire.Bytes("93010203"));
            serializer.Read(ref reader);
        });

        Assert.Contains("'Point' before byte 1 has 3 members, expected 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_ByManyThreads_GivesTheSameSerializer()
    {
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _registry.Get<Everything>())));

        Assert.Single(taken.Distinct());
    }

    private static void Has(IReadOnlyList<string> problems, params string[] parts) =>
        Assert.Single(problems, p => parts.All(part => p.Contains(part, StringComparison.Ordinal)));

    private interface IShape;

    private sealed record Square(int Side) : IShape;

    private sealed class ShapeSerializer : Serializer<IShape>
    {
        public override void Write(ref MessagePackWriter writer, IShape value) => writer.Write(((Square)value).Side);

        public override IShape Read(ref MessagePackReader reader) => new Square(reader.ReadInt32());
    }

    private sealed class TextNumberSerializer : Serializer<int>
    {
        public override void Write(ref MessagePackWriter writer, int value) => writer.Write($"{value}");

        public override int Read(ref MessagePackReader reader) => int.Parse(reader.ReadString()!, System.Globalization.CultureInfo.InvariantCulture);
    }

    private sealed record Order(int Id, Action Callback, object Anything, List<Line> Lines);

    private sealed record Line(IShape Shape, Dictionary<string, Stream> Prices);

    private sealed class GetOnly
    {
        public List<int> Items { get; } = [];
    }

    private sealed class PrivateSetter
    {
        public int Number { get; private set; }

        public void Increment() => Number++;
    }

    private class PrivateState
    {
        private int _secret;

        public int Next() => ++_secret;
    }

    private sealed class InheritedState : PrivateState;

#pragma warning disable IDE1006, CA1823, CS0169 // A field that looks like that of the property beside it, but is not.
    private sealed class SecondField
    {
        private int _Number;

        public int Number { get; set; }

        public int Next() => ++_Number;
    }
#pragma warning restore IDE1006, CA1823, CS0169

    private sealed class ReadOnlyField
    {
        public readonly int Number = 5;
    }

    private sealed class Hiding : OpenBase
    {
        public new int Inherited { get; set; }
    }

    private class VirtualAuto
    {
        public virtual int Number { get; set; }
    }

    private sealed class OverridingAuto : VirtualAuto
    {
        public override int Number { get; set; }
    }

    private sealed class NoConstructor
    {
        private NoConstructor()
        {
        }

        public static NoConstructor Instance { get; } = new();
    }

    private sealed class UnknownParameter(int start)
    {
        public int Number { get; } = start + 1;
    }

    private sealed class MyList : List<int>;

    private sealed class WithEvent
    {
        public event Action? Changed;

        public void Raise() => Changed?.Invoke();
    }

    private sealed class Captured(int number)
    {
        private readonly int _hidden = number * 2;

        public int Number => number;

        public int Hidden() => _hidden;
    }

    private sealed class Endless<T>
    {
        public Endless<List<T>>? Next { get; set; }
    }

    private sealed record Positive
    {
        public Positive(int value)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            Value = value;
        }

        public int Value { get; }
    }
}
