using System.Buffers;
using System.Globalization;

namespace StreamKit.Connectors;

/// <summary>
/// Gathers records in memory. Where checkpoints are durable the prepared records are in the checkpoint itself, so that another process can still commit them;
/// otherwise they wait in <see cref="CollectedResults{T}"/> and nothing is serialized.
/// </summary>
internal sealed class CollectSink<T>(CollectedResults<T> results) : Sink<T>
{
    public override SinkGuarantee Guarantee => SinkGuarantee.ExactlyOnce;

    public override IEnumerable<string> Validate(SerializerRegistry serializers, bool isDurable) =>
        isDurable ? serializers.Check(typeof(T)).Select(problem => $"Collected records of type '{typeof(T)}' are kept in checkpoints. {problem}") : [];

    public override SinkWriter<T> CreateWriter(SinkContext context) => new Writer(results, context);

    public override SinkCommitter CreateCommitter(SinkContext context) => new Committer(results, context);

    private sealed class Writer(CollectedResults<T> results, SinkContext context) : SinkWriter<T>
    {
        private readonly Serializer<T>? _serializer = context.IsDurable ? context.Serializers.Get<T>() : null;
        private List<T> _records = [];
        private long _transactions;

        public override void Write(T value, long timestamp) => _records.Add(value);

        public override ValueTask<IReadOnlyList<Committable>> PrepareCommitAsync(CancellationToken cancellationToken)
        {
            if (_records.Count == 0)
                return base.PrepareCommitAsync(cancellationToken);
            List<T> records = _records;
            _records = [];
            string id = context.TransactionPrefix + (++_transactions).ToString(CultureInfo.InvariantCulture);
            results.Prepare(id, records);
            return ValueTask.FromResult<IReadOnlyList<Committable>>([new Committable(id, _serializer is null ? default : Save(records, _serializer))]);
        }

        private static ReadOnlyMemory<byte> Save(List<T> records, Serializer<T> serializer)
        {
            var payload = new ArrayBufferWriter<byte>();
            var writer = new MessagePackWriter(payload);
            foreach (T record in records)
                serializer.Write(ref writer, record);
            writer.Flush();
            return payload.WrittenMemory;
        }
    }

    private sealed class Committer(CollectedResults<T> results, SinkContext context) : SinkCommitter
    {
        public override ValueTask CommitAsync(IReadOnlyList<Committable> transactions, CancellationToken cancellationToken)
        {
            foreach (Committable transaction in transactions)
                results.Commit(transaction.TransactionId, () => Load(transaction));
            return ValueTask.CompletedTask;
        }

        public override ValueTask AbortAsync(long claim, IReadOnlySet<string> keep, CancellationToken cancellationToken)
        {
            // A transaction id is job, claim, subtask and number.
            results.Abort(id => !keep.Contains(id) && long.Parse(id.Split('-')[1], CultureInfo.InvariantCulture) < claim);
            return ValueTask.CompletedTask;
        }

        private List<T> Load(Committable transaction)
        {
            if (transaction.Payload.IsEmpty)
                throw new StreamKitException($"The checkpoint names the transaction '{transaction.TransactionId}' of the sink '{context.Name}', whose records are neither in it nor in this process. The job was built anew without durable checkpoints: start it anew.");
            var records = new List<T>();
            Serializer<T> serializer = context.Serializers.Get<T>();
            var reader = new MessagePackReader(transaction.Payload.Span);
            while (reader.Remaining > 0)
                records.Add(serializer.Read(ref reader));
            return records;
        }
    }
}
