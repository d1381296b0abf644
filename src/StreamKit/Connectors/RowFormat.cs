namespace StreamKit.Connectors;

/// <summary>How records are written into files. One object per sink, used by all writers.</summary>
internal abstract class RowFormat<T>
{
    /// <summary>With the point.</summary>
    public abstract string FileExtension { get; }

    public abstract IEnumerable<string> Validate();

    public abstract RowWriter<T> CreateWriter();
}

/// <summary>Writes records as whole lines. Owned by one writer.</summary>
internal abstract class RowWriter<T> : IDisposable
{
    /// <summary>Writes what every file begins with.</summary>
    public virtual void WriteHeader(RowBuffer target)
    {
    }

    /// <summary>Writes one record and its line end.</summary>
    public abstract void Write(RowBuffer target, T value);

    public abstract void Dispose();
}
