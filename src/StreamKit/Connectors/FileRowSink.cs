namespace StreamKit.Connectors;

/// <summary>Rows in files of one folder, exactly once.</summary>
internal sealed class FileRowSink<T>(string directory, FileSinkOptions options, RowFormat<T> format) : Sink<T>
{
    public override SinkGuarantee Guarantee => SinkGuarantee.ExactlyOnce;

    public override IEnumerable<string> Validate(SerializerRegistry serializers, bool isDurable)
    {
        foreach (string problem in options.Validate().Concat(format.Validate()))
            yield return problem;
        if (File.Exists(directory))
            yield return $"The folder '{directory}' is a file. Name another folder, or remove the file.";
    }

    public override SinkWriter<T> CreateWriter(SinkContext context) => new FileRowWriter<T>(directory, options, format, context);

    public override SinkCommitter CreateCommitter(SinkContext context) => new FileCommitter(directory, context);
}
