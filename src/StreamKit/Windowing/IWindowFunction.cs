using StreamKit.Operators;
using StreamKit.State;

namespace StreamKit.Windowing;

/// <summary>
/// What a window operator does with records and with results: reduce, aggregate, or keep them for the user's function. Implemented by structs, so that the
/// operator is compiled for each and calls it directly. One per subtask and attempt.
/// </summary>
internal interface IWindowFunction<TKey, T, TAcc, TOut>
    where TKey : notnull
{
    /// <summary>Makes the user's function.</summary>
    void Open(OperatorContext context, OperatorServices services, OperatorOutput<TOut> output);

    /// <summary>Makes the table that accumulators are stored in.</summary>
    WindowTable<TAcc> CreateTable(WindowLayout layout, SerializerRegistry serializers);

    /// <summary>Adds a record to an accumulator, which is default when it is the first one.</summary>
    void Add(ref TAcc accumulator, bool isFirst, T value);

    /// <summary>Adds a later slice's accumulator to that of an earlier one, without changing either.</summary>
    TAcc Merge(TAcc earlier, TAcc later);

    /// <summary>Adds a later slice's accumulator to the result of <see cref="Merge"/>, which may be changed.</summary>
    TAcc MergeInto(TAcc merged, TAcc later);

    /// <summary>Emits a window's result. The accumulator stays as it is.</summary>
    void Emit(TKey key, TimeWindow window, TAcc accumulator, long watermark, Collector<TOut> output);

    /// <summary>Ends the user's function.</summary>
    void Close();
}
