namespace FraudDetection;

/// <summary>A line of the input; the columns of the CSV header are matched by name.</summary>
internal sealed record Transaction(long Id, DateTimeOffset At, string Card, string Merchant, decimal Amount, string Country);
