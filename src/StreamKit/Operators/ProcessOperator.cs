using StreamKit.Elements;

namespace StreamKit.Operators;

/// <summary>Runs a <see cref="ProcessFunction{TIn, TOut}"/>.</summary>
internal sealed class ProcessOperator<TIn, TOut>(Func<ProcessFunction<TIn, TOut>> factory) : Operator<TIn, TOut>
{
    private ProcessFunction<TIn, TOut>? _function;
    private ProcessFunction<TIn, TOut>.Context? _context;
    private OperatorLists? _lists;

    public override ValueTask DisposeAsync()
    {
        var function = _function;
        _function = null;
        function?.Close();
        return base.DisposeAsync();
    }

    protected override void OnOpen()
    {
        _function = factory() ?? throw new StreamKitException($"The factory of operator '{Services.OperatorName}' returned null. Return a new function each time.");
        _context = new ProcessFunction<TIn, TOut>.Context(Output, Services);
        var context = new OperatorContext(Services, null);
        _function.Open(context);
        _lists = context.Lists;
    }

    protected override void Process(Batch<TIn> batch)
    {
        var function = _function!; // made in OnOpen
        var context = _context!;
        context.Watermark = Watermark;
        var values = batch.Span;
        var at = 0; // not the loop's own variable: one that a catch block reads lives on the stack
        try
        {
            for (var i = 0; i < values.Length; i++)
            {
                at = i;
                context.Timestamp = batch.TimestampAt(i);
                function.Process(values[i], context);
            }
        }
        catch (Exception cause)
        {
            throw Services.Explain(cause, values[at]);
        }
    }

    protected override OperatorCut Cut() => CutWith(_lists);
}
