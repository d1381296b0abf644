using StreamKit.Elements;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Graph;

/// <summary>Sends the records of one key group to the subtask that owns it.</summary>
internal sealed class HashPartitioning<T, TKey>(Func<T, TKey> selector) : Partitioning<T>
    where TKey : notnull
{
    public override string Name => "hash";

    public override Partitioner<T> CreatePartitioner(PartitionerContext context) => new ByKeyGroup(selector, context);

    private sealed class ByKeyGroup : Partitioner<T>
    {
        private readonly Func<T, TKey> _selector;
        private readonly PartitionerContext _context;
        private readonly KeySerializer<TKey> _keys;
        private readonly int[] _subtaskOfKeyGroup;

        public ByKeyGroup(Func<T, TKey> selector, PartitionerContext context)
        {
            _selector = selector;
            _context = context;
            _keys = context.Serializers.GetKey<TKey>();
            _subtaskOfKeyGroup = new int[context.MaxParallelism];
            for (var keyGroup = 0; keyGroup < _subtaskOfKeyGroup.Length; keyGroup++)
                _subtaskOfKeyGroup[keyGroup] = KeyGroups.SubtaskOf(keyGroup, context.Targets, context.MaxParallelism);
        }

        public override void Partition(Batch<T> batch, Span<int> targets)
        {
            var subtasks = _subtaskOfKeyGroup;
            for (var i = 0; i < targets.Length; i++)
            {
                TKey key;
                try
                {
                    key = _selector(batch.Values[i]);
                }
                catch (Exception cause)
                {
                    throw new StreamKitException($"The key selector behind operator '{_context.OperatorName}' failed on record {batch.Values[i]}: {cause.Message}", cause);
                }

                if (key is null)
                    throw new StreamKitException($"The key selector behind operator '{_context.OperatorName}' returned null for record {batch.Values[i]}. Keys must not be null: filter such records out, or map them to a key of their own.");
                targets[i] = subtasks[KeyGroups.Of(_keys.Hash(key), subtasks.Length)];
            }
        }
    }
}
