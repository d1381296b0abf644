using System.Diagnostics.CodeAnalysis;

namespace StreamKit.State;

/// <summary>Aggregating state, with the type of its accumulator, which users do not name.</summary>
internal sealed class AccumulatorState<TIn, TAcc, TOut>(ValueTable<TAcc> table, AggregateFunction<TIn, TAcc, TOut> function)
    : AggregatingState<TIn, TOut>
{
    private readonly KeyedState _owner = table.Owner;
    private readonly Column<TAcc> _column = table.Column;

    public override bool HasValue => _column.Has(_owner.RequireSlot(table));

    public override void Add(TIn value)
    {
        int slot = _owner.RequireSlot(table);
        TAcc accumulator = function.Add(_column.TryGet(slot, out TAcc? kept) ? kept : function.CreateAccumulator(), value);
        if (default(TAcc) is null && accumulator is null)
            throw new StreamKitException($"The aggregate function of state '{table.Name}' returned no accumulator.");
        _column.Set(slot, accumulator);
    }

    public override bool TryGet([MaybeNullWhen(false)] out TOut result)
    {
        bool has = _column.TryGet(_owner.RequireSlot(table), out TAcc? accumulator);
        result = has ? function.GetResult(accumulator!) : default; // present: the column said so
        return has;
    }

    public override void Clear() => _column.Clear(_owner.RequireSlot(table));
}
