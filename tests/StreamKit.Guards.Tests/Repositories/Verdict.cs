using System.Text;

namespace StreamKit.Guards.Tests;

/// <summary>Fails a guard with every violation at once, and with what to do about them.</summary>
internal static class Verdict
{
    public static void NoneOf(IEnumerable<string> violations, string rule, string remedy)
    {
        var found = violations.Distinct().ToList();
        if (found.Count == 0)
        {
            return;
        }

        var message = new StringBuilder().AppendLine(rule);
        foreach (var violation in found)
        {
            message.Append("  ").AppendLine(violation);
        }

        Assert.Fail(message.Append("Remedy: ").Append(remedy).ToString());
    }
}
