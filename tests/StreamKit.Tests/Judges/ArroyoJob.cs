using System.Globalization;
using System.Text.Json.Serialization;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Judges;

/// <summary>The five queries as jobs, written with the public API only.</summary>
internal static class ArroyoJob
{
    public const string Source = "input";

    /// <summary>Describes the job that has to give an expected result.</summary>
    public static void Describe(StreamJobBuilder builder, string query, string output, Gate? gate)
    {
        switch (query)
        {
            case "hourly_by_event_type":
                Cars(builder, gate, TimeSpan.FromSeconds(1))
                    .KeyBy(car => car.EventType)
                    .Window(TumblingEventTimeWindows.Of(TimeSpan.FromHours(1)))
                    .Aggregate("count", new Count<Car>(), (type, window, count) => new HourlyByEventType(type, Text(window.Start), count))
                    .SinkTo("rows", FileSink.JsonLines<HourlyByEventType>(output));
                break;
            case "tight_watermark":
                Cars(builder, gate, TimeSpan.Zero)
                    .KeyBy(_ => 0)
                    .Window(TumblingEventTimeWindows.Of(TimeSpan.FromHours(1)))
                    .Aggregate("count", new Count<Car>(), (_, window, count) => new Hourly(count, Text(window.End)))
                    .SinkTo("rows", FileSink.JsonLines<Hourly>(output));
                break;
            case "month_loose_watermark":
                Cars(builder, gate, TimeSpan.FromMinutes(1))
                    .KeyBy(_ => 0)
                    .Window(TumblingEventTimeWindows.Of(TimeSpan.FromDays(30)))
                    .Aggregate("count", new Count<Car>(), (_, window, count) => new Monthly(Text(window.Start), count))
                    .SinkTo("rows", FileSink.JsonLines<Monthly>(output));
                break;
            case "most_active_driver_last_hour":
                Cars(builder, gate, TimeSpan.FromSeconds(1))
                    .KeyBy(car => car.DriverId)
                    .Window(SlidingEventTimeWindows.Of(TimeSpan.FromHours(1), TimeSpan.FromMinutes(1)))
                    .Aggregate("count", new Count<Car>(), (driver, window, count) => new MostActive(count, driver, Text(window.End), 1, Text(window.Start)))
                    .KeyBy(row => row.End)
                    .Window(TumblingEventTimeWindows.Of(TimeSpan.FromMinutes(1)))
                    .Reduce("most", static (left, right) => (right.Count, right.DriverId).CompareTo((left.Count, left.DriverId)) > 0 ? right : left)
                    .SinkTo("rows", FileSink.JsonLines<MostActive>(output));
                break;
            case "sliding_window_end":
                Read<Impulse>(builder, "impulse.json", gate)
                    .AssignTimestampsAndWatermarks(w => w.BoundedOutOfOrderness(TimeSpan.FromSeconds(1)).WithTimestamp(impulse => impulse.Timestamp))
                    .KeyBy(_ => 0)
                    .Window(SlidingEventTimeWindows.Of(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(2)))
                    .Aggregate("range", new CounterRange(), (_, window, range) => new Sliding(range.Count, Text(window.End), range.Max, range.Min, Text(window.Start)))
                    .SinkTo("rows", FileSink.JsonLines<Sliding>(output));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(query), query, "There is no such query.");
        }
    }

    /// <summary>A file of the judge.</summary>
    public static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Judges", "Arroyo", file);

    private static DataStream<Car> Cars(StreamJobBuilder builder, Gate? gate, TimeSpan bound) => Read<Car>(builder, "cars.json", gate)
        .AssignTimestampsAndWatermarks(w => w.BoundedOutOfOrderness(bound).WithTimestamp(car => car.Timestamp));

    private static DataStream<T> Read<T>(StreamJobBuilder builder, string file, Gate? gate)
    {
        var source = FileSource.JsonLines<T>(PathOf(file));
        return builder.FromSource(Source, gate is null ? source : new GatedSource<T>(source, gate));
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("s", CultureInfo.InvariantCulture);

    private sealed record Car(
        DateTimeOffset Timestamp, [property: JsonPropertyName("driver_id")] int DriverId, [property: JsonPropertyName("event_type")] string EventType);

    private sealed record Impulse(DateTimeOffset Timestamp, long Counter);

    private sealed record HourlyByEventType([property: JsonPropertyName("event_type")] string EventType, string Hour, long Count);

    private sealed record Hourly(long Count, string Timestamp);

    private sealed record Monthly(string Month, long Count);

    private sealed record MostActive(
        long Count, [property: JsonPropertyName("driver_id")] int DriverId, string End, [property: JsonPropertyName("row_number")] int RowNumber, string Start);

    private sealed record Sliding(long Count, string End, long Max, long Min, string Start);

    private sealed class Count<T> : AggregateFunction<T, long, long>
    {
        public override long CreateAccumulator() => 0;

        public override long Add(long accumulator, T value) => accumulator + 1;

        public override long Merge(long left, long right) => left + right;

        public override long GetResult(long accumulator) => accumulator;
    }

    private readonly record struct CountAndRange(long Count, long Min, long Max);

    private sealed class CounterRange : AggregateFunction<Impulse, CountAndRange, CountAndRange>
    {
        public override CountAndRange CreateAccumulator() => new(0, long.MaxValue, long.MinValue);

        public override CountAndRange Add(CountAndRange accumulator, Impulse value) =>
            Merge(accumulator, new CountAndRange(1, value.Counter, value.Counter));

        public override CountAndRange Merge(CountAndRange left, CountAndRange right) =>
            new(left.Count + right.Count, Math.Min(left.Min, right.Min), Math.Max(left.Max, right.Max));

        public override CountAndRange GetResult(CountAndRange accumulator) => accumulator;
    }
}
