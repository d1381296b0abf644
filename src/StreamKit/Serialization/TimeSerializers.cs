namespace StreamKit.Serialization;

/// <summary>
/// UTC as a timestamp; of other kinds [kind, timestamp] with the clock's reading as if it were UTC: 0 unspecified, 2 local.
/// A local time keeps its reading, so it is another instant on a machine in another zone.
/// </summary>
internal sealed class DateTimeSerializer : Serializer<DateTime>
{
    public override void Write(ref MessagePackWriter writer, DateTime value)
    {
        if (value.Kind != DateTimeKind.Utc)
        {
            writer.WriteArrayHeader(2);
            writer.Write((int)value.Kind);
        }

        writer.WriteTimestamp(new DateTime(value.Ticks, DateTimeKind.Utc));
    }

    public override DateTime Read(ref MessagePackReader reader)
    {
        if (reader.NextKind != MessagePackKind.Array)
            return reader.ReadTimestamp();

        Parts.Expect(ref reader, 2, "DateTime");
        var kind = (DateTimeKind)reader.ReadByte();
        if (kind is not (DateTimeKind.Unspecified or DateTimeKind.Local))
            throw new StreamSerializationException($"A 'DateTime' before byte {reader.Position} has the kind {(int)kind}, expected 0 (unspecified) or 2 (local). The bytes are damaged.");

        return new DateTime(reader.ReadTimestamp().Ticks, kind);
    }
}

/// <summary>A timestamp; with an offset other than zero [timestamp, offset in minutes].</summary>
internal sealed class DateTimeOffsetSerializer : Serializer<DateTimeOffset>
{
    public override void Write(ref MessagePackWriter writer, DateTimeOffset value)
    {
        if (value.Offset == TimeSpan.Zero)
        {
            writer.WriteTimestamp(value.UtcDateTime);
            return;
        }

        writer.WriteArrayHeader(2);
        writer.WriteTimestamp(value.UtcDateTime);
        writer.Write(value.TotalOffsetMinutes);
    }

    public override DateTimeOffset Read(ref MessagePackReader reader)
    {
        if (reader.NextKind != MessagePackKind.Array)
            return new DateTimeOffset(reader.ReadTimestamp());

        Parts.Expect(ref reader, 2, "DateTimeOffset");
        var instant = reader.ReadTimestamp();
        var minutes = reader.ReadInt16();
        var clock = instant.Ticks + (minutes * TimeSpan.TicksPerMinute);
        if (minutes is < -840 or > 840 || clock < 0 || clock > DateTime.MaxValue.Ticks)
            throw new StreamSerializationException($"A 'DateTimeOffset' before byte {reader.Position} has an offset of {minutes} minutes at {instant:O}; offsets go from -840 to 840 within the years 1 to 9999. The bytes are damaged.");

        return new DateTimeOffset(clock, TimeSpan.FromMinutes(minutes));
    }
}

/// <summary>As ticks of 100 ns.</summary>
internal sealed class TimeSpanSerializer : Serializer<TimeSpan>
{
    public override void Write(ref MessagePackWriter writer, TimeSpan value) => writer.Write(value.Ticks);

    public override TimeSpan Read(ref MessagePackReader reader) => new(reader.ReadInt64());
}

/// <summary>As days since 0001-01-01.</summary>
internal sealed class DateOnlySerializer : Serializer<DateOnly>
{
    public override void Write(ref MessagePackWriter writer, DateOnly value) => writer.Write(value.DayNumber);

    public override DateOnly Read(ref MessagePackReader reader)
    {
        var day = reader.ReadInt32();
        return day >= 0 && day <= DateOnly.MaxValue.DayNumber ? DateOnly.FromDayNumber(day) : throw new StreamSerializationException(
            $"A 'DateOnly' before byte {reader.Position} has the day number {day}, expected 0 to {DateOnly.MaxValue.DayNumber}. The bytes are damaged.");
    }
}

/// <summary>As ticks of 100 ns since midnight.</summary>
internal sealed class TimeOnlySerializer : Serializer<TimeOnly>
{
    public override void Write(ref MessagePackWriter writer, TimeOnly value) => writer.Write(value.Ticks);

    public override TimeOnly Read(ref MessagePackReader reader)
    {
        var ticks = reader.ReadInt64();
        return ticks is >= 0 and < TimeSpan.TicksPerDay ? new TimeOnly(ticks) : throw new StreamSerializationException(
            $"A 'TimeOnly' before byte {reader.Position} has {ticks} ticks, expected 0 to {TimeSpan.TicksPerDay - 1}. The bytes are damaged.");
    }
}
