namespace StreamKit.State;

/// <summary>
/// A list of one key. Items are only ever appended behind <see cref="Count"/>, and a list that is replaced gets another array: so a copy of
/// this struct, such as the one in a cut, keeps meaning the same items while the list grows.
/// </summary>
internal struct ListCell<T>
{
    private const int FirstCapacity = 4;

    public T[] Items;
    public int Count;

    public void Append(T item)
    {
        if (Items is null || Count == Items.Length)
            Array.Resize(ref Items!, Count == 0 ? FirstCapacity : Count * 2);
        Items[Count++] = item;
    }
}
