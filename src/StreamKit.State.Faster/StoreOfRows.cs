namespace StreamKit.State.Faster;

/// <summary>A <see cref="LocalStore"/> as the engine uses it.</summary>
internal sealed class StoreOfRows(LocalStore store) : ILocalStore
{
    private LocalCut _newest;

    public LocalReadBatch CreateReadBatch() => new RowReadBatch();

    public void Read(LocalReadBatch batch) => store.Read((RowReadBatch)batch);

    public void Write(LocalWriteBatch rows)
    {
        using (store.WriteTogether())
        {
            while (rows.Written < rows.Count)
            {
                if (rows.IsDeleted(rows.Written))
                    store.Delete(rows.Key(rows.Written));
                else
                    store.Upsert(rows.Key(rows.Written), rows.Value(rows.Written));
                rows.Written++;
            }
        }

        store.GrowIndex();
    }

    public void Reserve(long bytes) => store.ReservedBytes = bytes;

    public long Cut() => (_newest = store.Cut()).Tail;

    public void Committed(long cut) => store.Committed(_newest with { Tail = cut });

    public void Dispose() => store.Dispose();
}
