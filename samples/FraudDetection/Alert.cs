using System.Text.Json.Serialization;

namespace FraudDetection;

/// <summary>A line of the output. Each rule fills one of the last three; the others are left out of the line.</summary>
internal sealed record Alert(
    string Rule,
    string Card,
    [property: JsonConverter(typeof(UtcMilliseconds))] DateTimeOffset At,
    long? Id = null,
    long? Count = null,
    decimal? Total = null);
