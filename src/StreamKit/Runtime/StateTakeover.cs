using Microsoft.Extensions.Logging;
using StreamKit.Checkpoints;
using StreamKit.Diagnostics;
using StreamKit.Operators;
using StreamKit.State;

namespace StreamKit.Runtime;

/// <summary>What the states that operators have declared while they opened take over from a checkpoint, of the whole job: all that stands against it is told together.</summary>
internal sealed class StateTakeover(string jobName, long? checkpoint)
{
    private readonly List<string> _refusals = [];
    private readonly List<(string Operator, string Change)> _changes = [];

    /// <summary>Takes note of an operator and subtask that has opened; all subtasks of an operator usually say the same.</summary>
    public void Add(OperatorServices services, KeyedState? keyed)
    {
        _refusals.AddRange(services.Refusals.Concat(keyed?.Schemas.Refusals ?? []).Select(refusal => $"Operator '{services.OperatorName}': {refusal}"));
        _changes.AddRange(services.Changes.Concat(keyed?.Schemas.Changes ?? []).Select(change => (services.OperatorName, change)));
    }

    /// <exception cref="StreamKitException">Some state cannot be taken over.</exception>
    public void ThrowIfRefused()
    {
        if (_refusals.Count > 0 && checkpoint is { } number)
            throw RestorePlanner.Refusal(jobName, $"checkpoint {number}", _refusals.Distinct());
    }

    /// <summary>Tells what is read in another form than it was written.</summary>
    public void Log(ILogger logger)
    {
        foreach (var (name, change) in _changes.Distinct())
            JobLog.SchemaChanged(logger, jobName, name, change);
    }
}
