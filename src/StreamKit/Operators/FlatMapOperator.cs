using StreamKit.Elements;

namespace StreamKit.Operators;

/// <summary>One record in, any number out, from a sequence.</summary>
internal sealed class FlatMapOperator<TIn, TOut, TSite>(Func<TIn, IEnumerable<TOut>> flatMap) : Operator<TIn, TOut>
    where TSite : struct
{
    protected override void Process(Batch<TIn> batch)
    {
        var output = Output.Main;
        for (var i = 0; i < batch.Count; i++)
        {
            var timestamp = batch.TimestampAt(i);
            try
            {
                foreach (var value in flatMap(batch.Values[i]))
                    output.Add(value, timestamp);
            }
            catch (Exception cause)
            {
                throw Services.Explain(cause, batch.Values[i]);
            }
        }
    }
}
