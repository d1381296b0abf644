namespace StreamKit;

/// <summary>What a local store knows of a key.</summary>
public enum LocalRowStatus
{
    /// <summary>The newest row of the key, which has a value.</summary>
    Found,

    /// <summary>There is no such row, here or anywhere: it was deleted, or nothing was ever dropped and it was never written.</summary>
    Absent,

    /// <summary>There is no row here, which proves nothing: one may have been dropped, or never loaded. Ask the home tier.</summary>
    Dropped,
}
