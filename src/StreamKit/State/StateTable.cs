using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// One named state of a keyed operator: what is stored for each slot, and how it becomes rows. Owned by the thread of its
/// <see cref="KeyedState"/>. Whatever it stores for a slot it retains there.
/// </summary>
internal abstract class StateTable
{
    private KeyedState? _owner;

    private protected StateTable(StateSignature signature)
    {
        ArgumentException.ThrowIfNullOrEmpty(signature.Name);
        Signature = signature;
    }

    /// <summary>What the operator declares of it.</summary>
    public StateSignature Signature { get; }

    /// <summary>The name, unique within the operator. State is found again by it.</summary>
    public string Name => Signature.Name;

    /// <summary>Stands in the rows; given by <see cref="KeyedState.AddTable"/>.</summary>
    public int Id { get; private set; }

    /// <summary>The state this table was added to.</summary>
    /// <exception cref="StreamKitException">It was not added yet.</exception>
    public KeyedState Owner => _owner ?? throw new StreamKitException($"State '{Name}' was not added to an operator.");

    /// <summary>Whether what it holds expires.</summary>
    public virtual bool Expires => false;

    /// <summary>Clears what has expired of slots about to be used.</summary>
    /// <param name="slots">The slots.</param>
    /// <param name="now">The time, in milliseconds since the Unix epoch.</param>
    public virtual void Expire(ReadOnlySpan<int> slots, long now)
    {
    }

    /// <summary>Clears what has expired of some slots, others each time.</summary>
    public virtual void Sweep(long now)
    {
    }

    /// <summary>What it holds for slots, as far as that may leave memory; null where it has to stay.</summary>
    public virtual ISlotCells? Cells => null;

    /// <summary>Takes part in a cut, at the barrier. Takes no time to speak of.</summary>
    public abstract CutTable BeginCut();

    /// <summary>Takes a row of a checkpoint back in, before the first batch.</summary>
    /// <param name="slot">The slot of the row's key; −1 for a row without a key.</param>
    /// <param name="keyGroup">The row's key group.</param>
    /// <param name="subKey">Which part of the key's state the row is; empty for the only or first one.</param>
    /// <param name="value">What was written.</param>
    public abstract void Load(int slot, int keyGroup, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value);

    /// <summary>Asks for the cache lines of slots about to be used. Called once per batch where the state is larger than the cache.</summary>
    public virtual void Prefetch(ReadOnlySpan<int> slots)
    {
    }

    /// <summary>All that the table holds is in the segments: a checkpoint has been loaded.</summary>
    public abstract void MarkStored();

    /// <summary>Nothing holds the slot any more: lets go of what was noted for it, unless the segments have rows of it and are still to be told that they are void.</summary>
    /// <returns>False when the slot has to stay.</returns>
    public abstract bool TryForget(int slot);

    /// <summary>How rows are converted, given how that is done with what <see cref="StateSignature.Schema"/> describes.</summary>
    public virtual RowConversion ConversionOf(ValueConversion conversion) => new ValueRowConversion(conversion);

    /// <summary>Called once, when the table has its owner and id.</summary>
    protected virtual void OnAttached()
    {
    }

    internal void Attach(KeyedState owner, int id)
    {
        if (_owner is not null)
            throw new StreamKitException($"State '{Name}' was added to two operators. Make one for each.");
        _owner = owner;
        Id = id;
        OnAttached();
    }

    internal StateDescriptor Describe() => new(Id, Name, Signature.Kind, Signature.Schema);
}
