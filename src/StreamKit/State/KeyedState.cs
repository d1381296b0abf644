using System.Diagnostics;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// All keyed state of one operator and subtask: a key directory that gives each key a slot, and one table per named state, indexed by slot.
/// Owned by the thread that runs the operator; only a finished <see cref="KeyedStateCut"/> goes elsewhere.
/// </summary>
/// <remarks>
/// The order of calls: <see cref="Restore"/> with the descriptors of the checkpoint, <see cref="AddTable"/> for each state while the operator
/// opens, rows loaded, and then batch by batch: resolve the keys, set <see cref="CurrentSlot"/> before each record's user code, and
/// <see cref="EndBatch"/>.
/// </remarks>
internal abstract class KeyedState
{
    private const int HeldPageBits = 12;

    // Enough to keep up with whatever a batch empties, few enough to be no pause.
    private const int RecycledPerBatch = 4096;

    // Some ten microseconds, as long as a batch takes: telling ten thousand pages at once would take milliseconds.
    private const int SettledPerBatch = 128;

    // A slot stands in the list of candidates for recycling; kept beside its count, so that it stands there once.
    private const int ListedBit = 1 << 31;

    private readonly List<StateTable> _tables = [];
    private readonly List<StateDescriptor> _unclaimed = [];
    private readonly List<int> _kept = [];
    private List<StateTable>? _expiring;
    private int[][] _held = [];
    private int[] _emptied = [];
    private int _emptiedCount;
    private int _nextId = 1;
    private KeyedStateCut? _cut;
    private bool _knowsCut;

    private protected KeyedState(KeyGroupRange range, int maxParallelism)
    {
        Range = range;
        MaxParallelism = maxParallelism;
    }

    /// <summary>The key groups of this subtask.</summary>
    public KeyGroupRange Range { get; }

    /// <summary>The number of key groups of the job.</summary>
    public int MaxParallelism { get; }

    /// <summary>The slot of the record being processed; −1 outside. The operator sets it before each call of user code.</summary>
    public int CurrentSlot = -1;

    /// <summary>The time by which state expires; null where nothing is to expire, as in a checkpoint that is only read.</summary>
    public TtlClock? Clock { get; init; }

    /// <summary>The keys that have a slot, those about to be recycled at the end of the batch included.</summary>
    public abstract int LiveKeys { get; }

    /// <summary>The tables, in the order they were added.</summary>
    public IReadOnlyList<StateTable> Tables => _tables;

    /// <summary>The states of the checkpoint that no table was added for.</summary>
    public IReadOnlyList<StateDescriptor> Undeclared => _unclaimed;

    /// <summary>Slots without values that have to stay until the next cut has written that there are none.</summary>
    public int KeptSlots => _kept.Count;

    private protected List<StateTable> TableList => _tables;

    /// <summary>The lowest id that was never given to a state of the operator.</summary>
    public int NextStateId => _nextId;

    /// <summary>How keys leave memory and come back; null while all of them stay there.</summary>
    public Residency? Residency { get; private set; }

    /// <summary>Whether all tables can let keys leave memory; else the whole state stays there.</summary>
    public bool CanLeaveMemory => _tables.Exists(static table => table.Cells is not null);

    /// <summary>Has keys leave memory from now on, or come into it when they are used. When all tables are there, and what has to be in memory is loaded.</summary>
    public void Attach(Residency residency) => Residency = residency;

    /// <summary>Everything is in memory, and stays there.</summary>
    internal void Detach() => Residency = null;

    /// <summary>Begins with what the checkpoint says of the states. Before the first <see cref="AddTable"/>.</summary>
    /// <param name="states">The states of the checkpoint.</param>
    /// <param name="nextStateId">The lowest id that was not given to a state then, dropped ones included.</param>
    /// <param name="schemas">The generations of their schemas; by default they have never changed.</param>
    public void Restore(IReadOnlyList<StateDescriptor> states, int nextStateId, StoredSchemas? schemas = null)
    {
        if (_tables.Count > 0)
            throw new StreamKitException($"State can be restored only before it is used, but '{_tables[0].Name}' is declared already.");
        foreach (StateDescriptor state in states)
        {
            if (_unclaimed.Exists(other => other.Id == state.Id || other.Name == state.Name))
                throw new StreamKitException($"The checkpoint names state '{state.Name}' or its id {state.Id} twice: it is damaged.");
            if (state.Id >= nextStateId)
                throw new StreamKitException($"The checkpoint names state '{state.Name}' with id {state.Id}, but says that ids from {nextStateId} on were never given: it is damaged.");
            _unclaimed.Add(state);
        }

        _nextId = Math.Max(_nextId, nextStateId);
        Schemas = new SchemaHistory(states, schemas ?? StoredSchemas.First);
    }

    /// <summary>The generations of schemas that rows are written in. Complete when the operator has opened.</summary>
    public SchemaHistory Schemas { get; private set; } = new([], StoredSchemas.First);

    /// <summary>How the keys are encoded; stands in every segment of this state.</summary>
    public abstract TypeSchema KeySchema { get; }

    /// <summary>True while a former cut is neither written nor given up; no other can begin then.</summary>
    public bool HasOpenCut => _cut is { IsFinished: false };

    /// <summary>True while a cut wants something in memory to stay as it is.</summary>
    public bool HasUnsettledCut => _cut is { CanSettle: false };

    /// <summary>Adds a named state and gives it its id: the one it had in the checkpoint, or a new one.</summary>
    /// <remarks>Whether it can take over what the checkpoint holds under its name says <see cref="Schemas"/>.</remarks>
    /// <exception cref="StreamKitException">The name is taken.</exception>
    public void AddTable(StateTable table)
    {
        if (_tables.Exists(other => other.Name == table.Name))
            throw new StreamKitException($"State '{table.Name}' is declared twice in one operator. Give each state a name of its own.");

        StateDescriptor? restored = _unclaimed.Find(state => state.Name == table.Name);
        if (restored is null)
        {
            table.Attach(this, _nextId++);
        }
        else
        {
            Schemas.Claim(table.Signature, table.ConversionOf, restored);
            _unclaimed.Remove(restored);
            table.Attach(this, restored.Id);
        }

        _tables.Add(table);
        if (table.Expires && Clock is not null)
            (_expiring ??= []).Add(table);
    }

    /// <summary>Gives up what no table was added for: its rows are passed over, and left out of merges.</summary>
    public void DropUndeclared() => _unclaimed.Clear();

    /// <summary>
    /// Takes a row of a checkpoint back in, after the tables were added and before the first batch.
    /// Rows of other key groups than this subtask's are skipped, so that a segment written at another parallelism can be fed as it is.
    /// </summary>
    /// <param name="keyGroup">The row's key group.</param>
    /// <param name="stateId">The id of its state in the checkpoint.</param>
    /// <param name="key">The canonical bytes of its key; empty for a row that belongs to the key group only.</param>
    /// <param name="subKey">Which part of the key's state it is.</param>
    /// <param name="value">The value, in the form of today: <see cref="Schemas"/> has what it takes to convert older ones.</param>
    /// <exception cref="StreamKitException">No table was added for the state, or the row is damaged.</exception>
    public abstract void Load(int keyGroup, int stateId, ReadOnlySpan<byte> key, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value);

    /// <summary>Begins a call of user code for a slot that was not resolved with a batch.</summary>
    public void Enter(int slot)
    {
        CurrentSlot = slot;
        if (_expiring is not null)
            Expire([slot]);
    }

    /// <summary>Keeps a slot from being recycled: one more thing points at it (a value, a timer, a window slice).</summary>
    public void Retain(int slot)
    {
        ref int held = ref Held(slot);
        Debug.Assert((held & ~ListedBit) < int.MaxValue);
        held++;
    }

    /// <summary>Takes one <see cref="Retain"/> back. When none is left, the slot is recycled at the end of the batch.</summary>
    public void Release(int slot)
    {
        ref int held = ref Held(slot);
        Debug.Assert((held & ~ListedBit) > 0, "released more often than retained");
        held--;
        if (held == 0)
            List(slot, ref held);
    }

    /// <summary>Recycles slots that nothing points at any more, unless a cut may still look at them. No slot number may be in flight.</summary>
    public void EndBatch()
    {
        CurrentSlot = -1;
        if (_expiring is not null)
            Sweep(_expiring);
        if (_cut is not null && !TrySettle(SettledPerBatch))
            return;
        Residency?.Trim();
        for (int left = RecycledPerBatch; _emptiedCount > 0 && left > 0; left--)
        {
            int slot = _emptied[--_emptiedCount];
            ref int held = ref Held(slot);
            if (held == ListedBit && !(TryForget(slot) && Residency?.CanForget(slot) is null or true))
            {
                _kept.Add(slot);
                Residency?.Keep(slot);
                continue;
            }

            held &= ~ListedBit;
            if (held != 0)
                continue;
            Residency?.Forget(slot);
            Recycle(slot);
        }
    }

    /// <summary>Tells the tables a part of how the last cut ended, while there is nothing to process; else that is left for batches, or for the next barrier.</summary>
    /// <returns>True when there is more to tell.</returns>
    public bool SettleSome() => _cut is { CanSettle: true } cut && !cut.Settle(SettledPerBatch);

    /// <summary>All that was loaded is in the segments: called when a checkpoint has been loaded.</summary>
    public void MarkStored()
    {
        foreach (StateTable table in _tables)
            table.MarkStored();
    }

    /// <summary>
    /// Takes what has changed since the last cut, as it is now, at a barrier, between batches. Nothing is serialized and no value copied.
    /// </summary>
    /// <exception cref="StreamKitException">The former cut was neither completed nor disposed of.</exception>
    public KeyedStateCut Cut()
    {
        if (_cut is not null)
            TrySettle(int.MaxValue);
        if (_cut is not null)
            throw new StreamKitException("The former cut of this state is still open. A cut begins only when the one before was written or disposed of.");

        CurrentSlot = -1;
        var tables = new CutTable[_tables.Count];
        for (int i = 0; i < tables.Length; i++)
            (tables[i] = _tables[i].BeginCut()).Describe(_tables[i]);
        Array.Sort(tables, static (left, right) => left.Id.CompareTo(right.Id));
        _knowsCut = false;
        return _cut = BeginCut(tables, Describe(), Residency?.Cut());
    }

    /// <summary>Called for slots that user code is about to see: clears what has expired of them.</summary>
    private protected void Expire(ReadOnlySpan<int> slots)
    {
        if (_expiring is null)
            return;
        long now = Clock!.Read(); // nothing expires without one
        foreach (StateTable table in _expiring)
            table.Expire(slots, now);
    }

    /// <summary>The slot of the running call, for a state handle.</summary>
    /// <exception cref="StreamKitException">No keyed call is running.</exception>
    internal int RequireSlot(StateTable table)
    {
        int slot = CurrentSlot;
        if (slot < 0)
            ThrowOutside(table);
        return slot;
    }

    /// <summary>Adds the keys to what the tables have cut.</summary>
    private protected abstract KeyedStateCut BeginCut(CutTable[] tables, StateDescriptor[] states, SpilledRows? spilled);

    /// <summary>The slots up to here have been given to keys.</summary>
    internal abstract int SlotEnd { get; }

    /// <summary>The key group of the key that a slot in use was given to.</summary>
    internal abstract int KeyGroupAt(int slot);

    /// <summary>Writes the canonical bytes of the key that a slot in use was given to.</summary>
    internal abstract void WriteKey(int slot, PooledBufferWriter output);

    /// <summary>The slot of a key that a segment has; one is given to it if it has none.</summary>
    /// <exception cref="StreamKitException">The key does not belong to the key group.</exception>
    internal abstract int SlotOf(int keyGroup, ReadOnlySpan<byte> key);

    /// <summary>Finds the slot of a key without giving it one.</summary>
    internal abstract bool TryFind(ReadOnlySpan<byte> key, out int slot);

    /// <summary>Whether a slot in use has anything to keep it: a value in memory, a timer.</summary>
    internal bool IsHeld(int slot) => (Held(slot) & ~ListedBit) != 0;

    /// <summary>The bytes that a key takes in the directory and here, but for objects that it refers to.</summary>
    internal abstract int KeyBytes { get; }

    /// <summary>Gives back a key's slot, whose tables are empty.</summary>
    private protected abstract void Recycle(int slot);

    /// <summary>Called for a slot just given to a key: unless something is stored for it, it ends with the batch.</summary>
    private protected void Created(int slot)
    {
        int page = slot >> HeldPageBits;
        if (page >= _held.Length)
            Array.Resize(ref _held, Math.Max(page + 1, _held.Length * 2));
        _held[page] ??= new int[1 << HeldPageBits];
        ref int held = ref Held(slot);
        Debug.Assert(held == 0, "a slot in use was given away");
        List(slot, ref held);
        Residency?.Created(slot);
    }

    /// <summary>The table whose rows carry an id; null when they are of a state that was dropped.</summary>
    internal StateTable? TableOf(int stateId)
    {
        foreach (StateTable table in _tables)
        {
            if (table.Id == stateId)
                return table;
        }

        if (_unclaimed.Find(state => state.Id == stateId) is { } unclaimed)
        {
            throw new StreamKitException(
                $"The checkpoint holds state '{unclaimed.Name}' ({unclaimed.Kind}), which the operator does not declare. "
                + "Declare it while the operator opens, as it was before; clear it there if it is no longer needed.");
        }

        // Ids are given once: one that stands for nothing any more stands for state that was dropped, and whose rows no merge has come by yet.
        return stateId < _nextId
            ? null
            : throw new StreamKitException($"The checkpoint holds rows of state id {stateId}, but says that ids from {_nextId} on were never given: it is damaged.");
    }

    /// <summary>What a checkpoint has to say about the states, in order of their ids.</summary>
    private protected StateDescriptor[] Describe()
    {
        // A state that nobody declares any more has no rows, or they would have been refused: it is forgotten, but for its id.
        StateDescriptor[] states = [.. _tables.Select(static table => table.Describe())];
        Array.Sort(states, static (left, right) => left.Id.CompareTo(right.Id));
        return states;
    }

    private void Sweep(List<StateTable> expiring)
    {
        foreach (StateTable table in expiring)
            table.Sweep(Clock!.Now); // nothing expires without one
    }

    /// <summary>Whether nothing in memory is wanted by a cut any more.</summary>
    private bool TrySettle(int pages)
    {
        KeyedStateCut cut = _cut!; // the callers have tested it
        if (!cut.CanSettle)
            return false;
        if (!_knowsCut)
        {
            if (!cut.Settle(pages))
                return false;
            _knowsCut = true;
            foreach (int slot in _kept)
                Push(slot);
            _kept.Clear();
        }

        if (cut.IsFinished)
        {
            Residency?.Finish(cut);
            _cut = null;
        }

        return true;
    }

    private bool TryForget(int slot)
    {
        bool all = true;
        foreach (StateTable table in _tables)
            all &= table.TryForget(slot);
        return all;
    }

    private ref int Held(int slot) => ref _held[slot >> HeldPageBits][slot & ((1 << HeldPageBits) - 1)];

    private void List(int slot, ref int held)
    {
        held |= ListedBit;
        Push(slot);
    }

    private void Push(int slot)
    {
        if (_emptiedCount == _emptied.Length)
            Array.Resize(ref _emptied, Math.Max(64, _emptied.Length * 2));
        _emptied[_emptiedCount++] = slot;
    }

    private static void ThrowOutside(StateTable table) => throw new StreamKitException(
        $"State '{table.Name}' was used outside a keyed call. It belongs to the key of the record or timer being processed: "
        + "use it only inside the function that the operator calls, not while it opens and not after the call has returned.");
}
