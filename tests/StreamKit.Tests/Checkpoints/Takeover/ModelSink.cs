namespace StreamKit.Tests.Checkpoints.Takeover;

/// <summary>A transactional sink outside all runners, which notices every loss and every duplicate.</summary>
internal sealed class ModelSink
{
    private readonly Dictionary<string, (long Claim, int Record)> _prepared = [];
    private readonly HashSet<string> _committed = [];
    private readonly List<int> _output = [];

    public List<string> Violations { get; } = [];

    public IReadOnlyList<int> Output => _output;

    public void Prepare(string id, long claim, int record) => _prepared.Add(id, (claim, record));

    public void Commit(string id)
    {
        if (_committed.Contains(id))
        {
            return;
        }

        if (!_prepared.Remove(id, out (long Claim, int Record) transaction))
        {
            Violations.Add($"transaction {id} is to be committed, but was discarded: its record is lost");
            return;
        }

        _committed.Add(id);
        _output.Add(transaction.Record);
        if (_output.Count(r => r == transaction.Record) > 1)
        {
            Violations.Add($"record {transaction.Record} is in the output again, by transaction {id}");
        }
    }

    public void Abort(Func<long, string, bool> isOrphan)
    {
        foreach ((string id, (long claim, _)) in _prepared.ToArray())
        {
            if (isOrphan(claim, id))
            {
                _prepared.Remove(id);
            }
        }
    }
}
