using System.Globalization;

namespace StreamKit.Checkpoints;

/// <summary>What a savepoint's location holds.</summary>
internal static class SavepointNames
{
    /// <summary>Written last: a location without it holds no savepoint, whatever else it holds.</summary>
    public const string Entry = "savepoint";

    public const string DataPrefix = "data/";

    /// <summary>Where segments are. The writer's name keeps two that write to one location apart until one of them wins.</summary>
    public static string Data(string writer, int number) => string.Create(CultureInfo.InvariantCulture, $"{DataPrefix}{writer}-{number:D4}");

    /// <summary>A job's name as a writer: unique, since each of its checkpoints is copied once.</summary>
    public static string Writer(JobIdentity job, long checkpoint) => string.Create(CultureInfo.InvariantCulture, $"{job.Id:N}-{checkpoint}");
}
