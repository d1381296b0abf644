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
            var values = batch.Values.AsSpan(0, targets.Length);
            var at = 0; // not the loop's own variable: one that a catch block reads lives on the stack
            try
            {
                Choose(values, targets, ref at);
            }
            catch (Exception cause) when (cause is not StreamKitException)
            {
                throw new StreamKitException($"The key selector behind operator '{_context.OperatorName}' failed on record {values[at]}: {cause.Message}", cause);
            }
        }

        private void Choose(ReadOnlySpan<T> values, Span<int> targets, ref int at)
        {
            var selector = _selector;
            var subtasks = _subtaskOfKeyGroup;
            targets = targets[..values.Length];
            for (var i = 0; i < values.Length; i++)
            {
                at = i;
                var key = selector(values[i]);
                if (key is null)
                    throw new StreamKitException($"The key selector behind operator '{_context.OperatorName}' returned null for record {values[i]}. Keys must not be null: filter such records out, or map them to a key of their own.");
                var hash = KeyHash.IsDirect<TKey>() ? KeyHash.Direct(key) : _keys.Hash(key);
                targets[i] = subtasks[KeyGroups.Of(hash, subtasks.Length)];
            }
        }
    }
}
