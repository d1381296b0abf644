using System.Runtime.CompilerServices;
using StreamKit.Elements;
using StreamKit.Operators;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Graph;

/// <summary>Sends the records of one key group to the subtask that owns it.</summary>
internal sealed class HashPartitioning<T, TKey>(KeySelector<T, TKey> selector) : Partitioning<T>
    where TKey : notnull
{
    public override string Name => "hash";

    public override Partitioner<T> CreatePartitioner(PartitionerContext context) => new ByKeyGroup(selector, context);

    private sealed class ByKeyGroup : Partitioner<T>
    {
        private readonly KeySelector<T, TKey> _selector;
        private readonly PartitionerContext _context;
        private readonly KeySerializer<TKey> _serializer;
        private readonly int[] _subtaskOfKeyGroup;
        private readonly TKey[] _keys = new TKey[BatchPool<T>.Capacity];

        public ByKeyGroup(KeySelector<T, TKey> selector, PartitionerContext context)
        {
            _selector = selector;
            _context = context;
            _serializer = context.Serializers.GetKey<TKey>();
            _subtaskOfKeyGroup = new int[context.MaxParallelism];
            for (var keyGroup = 0; keyGroup < _subtaskOfKeyGroup.Length; keyGroup++)
                _subtaskOfKeyGroup[keyGroup] = KeyGroups.SubtaskOf(keyGroup, context.Targets, context.MaxParallelism);
        }

        public override void Partition(Batch<T> batch, Span<int> targets)
        {
            var values = batch.Values.AsSpan(0, targets.Length);
            var keys = _keys.AsSpan(0, targets.Length);
            var at = 0;
            try
            {
                _selector.Select(values, keys, ref at);
                Choose(keys, targets, ref at);
            }
            catch (Exception cause)
            {
                var record = RecordText.Of(values[at], _context.DescribeRecord) is { } text ? $" of record {text}" : "";
                throw new StreamKitException($"Behind operator '{_context.OperatorName}' no key could be taken{record}: {cause.Message}", cause);
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private void Choose(ReadOnlySpan<TKey> keys, Span<int> targets, ref int at)
        {
            var subtasks = _subtaskOfKeyGroup;
            targets = targets[..keys.Length];
            for (var i = 0; i < keys.Length; i++)
            {
                at = i;
                var hash = KeyHash.IsDirect<TKey>() ? KeyHash.Direct(keys[i]) : _serializer.Hash(keys[i]);
                targets[i] = subtasks[KeyGroups.Of(hash, subtasks.Length)];
            }
        }
    }
}
