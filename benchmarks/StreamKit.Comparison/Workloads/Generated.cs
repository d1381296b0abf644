namespace StreamKit.Comparison;

/// <summary>The events as an observable without a scheduler: the cheapest way into Rx.</summary>
internal sealed class Generated<T, TGenerator>(TGenerator generator, long events) : IObservable<T>, IDisposable
    where TGenerator : struct, IGenerator<T>
{
    private const long Piece = 65_536;

    public IDisposable Subscribe(IObserver<T> observer)
    {
        for (var from = 0L; from < events; from += Piece)
            Push(observer, from, Math.Min(from + Piece, events));
        observer.OnCompleted();
        return this;
    }

    public void Dispose()
    {
    }

    private void Push(IObserver<T> observer, long from, long to)
    {
        var make = generator;
        for (var i = from; i < to; i++)
            observer.OnNext(make.Make(i));
    }
}

/// <summary>Counts and sums what a peer emits.</summary>
internal sealed class Tally<T, TProjection> : IObserver<T>
    where TProjection : struct, IProjection<T>
{
    private long _count;
    private long _sum;

    public Outcome Outcome => new(_count, _sum);

    public void OnNext(T value)
    {
        _count++;
        _sum += TProjection.Of(value);
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error) => throw new InvalidOperationException("The peer failed.", error);
}
