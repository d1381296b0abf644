using System.IO.Pipelines;
using Microsoft.Extensions.Logging.Abstractions;
using StreamKit.Checkpoints;
using StreamKit.State;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Checkpoints;

public class CheckpointLogTests
{
    private readonly InMemoryCheckpointStore _store = new();
    private readonly ManualTimeProvider _clock = new();
    private int _identities;

    [Fact]
    public async Task Claim_FreshJob_FixesItsIdentity()
    {
        CheckpointLog first = await ClaimAsync();
        CheckpointLog second = await ClaimAsync();

        Assert.Equal((1L, 2L), (first.Claim, second.Claim));
        Assert.Null(second.Base);
        Assert.Equal(first.Job, second.Job);
        Assert.Equal(["log/00000000000000000001", "log/00000000000000000002"], _store.Names);
    }

    [Fact]
    public async Task Claim_AfterCheckpoints_StartsFromTheLastOne()
    {
        CheckpointLog log = await ClaimAsync();
        await log.AppendAsync(Content("data/a"), default);
        CheckpointManifest last = await log.AppendAsync(Content("data/b"), default);

        CheckpointLog next = await ClaimAsync();
        CheckpointLog afterThat = await ClaimAsync();

        Assert.Equal(last.Number, next.Base!.Number);
        Assert.Equal(["data/b"], next.Base.ObjectNames);
        Assert.Equal(last.Number, afterThat.Base!.Number);
    }

    [Fact]
    public async Task Claim_OtherJobOrMaxParallelism_IsRefusedWithBothValues()
    {
        await ClaimAsync();

        var name = await Assert.ThrowsAsync<StreamKitException>(() => ClaimAsync(job: "other"));
        var max = await Assert.ThrowsAsync<StreamKitException>(() => ClaimAsync(max: 64));

        Assert.Contains("belongs to job 'job', but job 'other'", name.Message);
        Assert.Contains("maximum parallelism of 64, but it was first run with 128", max.Message);
        Assert.Single(_store.Names);
    }

    [Fact]
    public async Task Claim_NumberTakenMeanwhile_TakesTheNextOne()
    {
        CheckpointLog? other = null;
        _store.Before = async (call, _) =>
        {
            if (call == StoreCall.TryCreate && other is null)
            {
                _store.Before = null;
                other = await ClaimAsync();
            }
        };

        CheckpointLog log = await ClaimAsync();

        Assert.Equal(1, other!.Claim);
        Assert.Equal(2, log.Claim);
        Assert.Equal(other.Job.Id, log.Job.Id);
    }

    [Fact]
    public async Task Claim_OvertakenBeforeItIsProven_StopsWithoutTouchingAnything()
    {
        CheckpointLog? other = null;
        _store.After = (call, name) =>
        {
            if (call == StoreCall.TryCreate && other is null)
            {
                _store.After = null;
                other = ClaimAsync().GetAwaiter().GetResult();
            }
        };

        var failure = await Assert.ThrowsAsync<JobFencedException>(() => ClaimAsync());

        Assert.Contains("log entry 2", failure.Message);
        Assert.Equal(2, (await other!.AppendAsync(Content(), default)).Claim);
    }

    [Fact]
    public async Task Claim_OnANumberThatWasReleasedSinceTheListing_IsVoid()
    {
        CheckpointLog active = await ClaimAsync(retained: 1);
        bool done = false;
        _store.Before = async (call, _) =>
        {
            if (call == StoreCall.TryCreate && !done)
            {
                done = true;
                for (int i = 0; i < 3; i++)
                {
                    await active.AppendAsync(Content(), default);
                    await active.Retention.DeleteReleasedAsync(default);
                }
            }
        };

        var failure = await Assert.ThrowsAsync<JobFencedException>(() => ClaimAsync());

        Assert.Contains("log entry 4", failure.Message);
        Assert.Equal(5, (await active.AppendAsync(Content(), default)).Number);
    }

    [Fact]
    public async Task Claim_ByARunnerThatHeldTheJobAndLostIt_IsFenced()
    {
        var claims = new RunnerClaims();
        await ClaimAsync(claims: claims);
        CheckpointLog again = await ClaimAsync(claims: claims);
        await again.AppendAsync(Content(), default);
        CheckpointLog afterCheckpoint = await ClaimAsync(claims: claims);
        await ClaimAsync();

        var failure = await Assert.ThrowsAsync<JobFencedException>(() => ClaimAsync(claims: claims));

        Assert.Equal(4, afterCheckpoint.Claim);
        Assert.Contains("log entry 5", failure.Message);
        Assert.Contains("does not take it back", failure.Message);
        Assert.Equal(5, _store.Names.Count);
    }

    [Fact]
    public async Task Claim_AfterAnOwnClaimOfUnknownOutcome_GoesOn()
    {
        var claims = new RunnerClaims();
        await ClaimAsync(claims: claims);
        _store.After = (call, _) => LoseAnswer(call);
        _store.Before = (call, _) => call == StoreCall.OpenRead && _store.Names.Count > 1 ? throw new IOException("timeout") : ValueTask.CompletedTask;
        Task<CheckpointLog> lost = ClaimAsync(claims: claims);
        await AdvanceUntilAsync(lost);
        await Assert.ThrowsAsync<IOException>(() => lost);
        _store.After = null;
        _store.Before = null;

        CheckpointLog log = await ClaimAsync(claims: claims);

        Assert.Equal(3, log.Claim);
    }

    [Fact]
    public async Task Claim_ByARunnerThatNeverHeldTheJob_TakesItOver()
    {
        var claims = new RunnerClaims();
        _store.Before = (call, _) => call == StoreCall.TryCreate ? throw new IOException("timeout") : ValueTask.CompletedTask;
        Task<CheckpointLog> failed = ClaimAsync(claims: claims);
        await AdvanceUntilAsync(failed);
        await Assert.ThrowsAsync<IOException>(() => failed);
        _store.Before = null;
        await ClaimAsync();

        Assert.Equal(2, (await ClaimAsync(claims: claims)).Claim);
    }

    [Fact]
    public async Task Claim_TailDamaged_IsNamed()
    {
        await ClaimAsync();
        _store.Damage("log/00000000000000000001", bytes =>
        {
            bytes[20] ^= 1;
            return bytes;
        });

        var failure = await Assert.ThrowsAsync<CheckpointDamagedException>(() => ClaimAsync());

        Assert.Equal("log/00000000000000000001", failure.ObjectName);
    }

    [Fact]
    public async Task Claim_TailDamagedAndGoingBackAllowed_StartsFromTheCheckpointBeforeAndGivesUpWhatIsBehind()
    {
        CheckpointLog first = await ClaimAsync();
        for (int i = 2; i <= 4; i++)
        {
            await first.AppendAsync(Content($"data/{i}"), default);
        }

        _store.Damage(Entry(4), bytes => bytes[..^1]);
        CheckpointLog back = await ClaimAsync(claims: new RunnerClaims { MayGoBack = true });
        CheckpointLog next = await ClaimAsync();

        Assert.Equal((5, 3L), (back.Claim, back.Base!.Number));
        Assert.Equal([2L, 3], back.Retention.Retained);
        Assert.Equal(3, next.Base!.Number);
        await Assert.ThrowsAsync<JobFencedException>(async () => await first.AppendAsync(Content(), default));
    }

    [Fact]
    public async Task Claim_BaseKnownToBeDamaged_ReleasesItAndStartsFromTheOneBefore()
    {
        CheckpointLog first = await ClaimAsync(retained: 5);
        for (int i = 2; i <= 5; i++)
        {
            await first.AppendAsync(Content($"data/{i}"), default);
        }

        _store.Damage(Entry(4), bytes => bytes[..^1]);
        var claims = new RunnerClaims { MayGoBack = true };
        await ClaimAsync(retained: 5, claims: claims);
        claims.FoundDamaged(5, new CheckpointDamagedException("data/5", "block 3", "it was changed"));
        CheckpointLog back = await ClaimAsync(retained: 5, claims: claims);

        Assert.Equal((7, 3L), (back.Claim, back.Base!.Number));
        Assert.Equal([2L, 3], back.Retention.Retained);
        Assert.Equal([4L, 5], back.Retention.Released);
        await back.AppendAsync(Content("data/8"), default);
        await back.Retention.DeleteReleasedAsync(default);
        Assert.Equal([Entry(1), Entry(2), Entry(3), Entry(6), Entry(7), Entry(8)], _store.Names.Where(n => n.StartsWith("log/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Claim_TailDamagedForARunnerThatHeldTheJob_IsNotTakenBack()
    {
        var claims = new RunnerClaims { MayGoBack = true };
        CheckpointLog first = await ClaimAsync(claims: claims);
        await first.AppendAsync(Content(), default);
        CheckpointLog other = await ClaimAsync();
        _store.Damage(Entry(other.Claim), bytes => bytes[..^1]);

        var failure = await Assert.ThrowsAsync<StreamKitException>(() => ClaimAsync(claims: claims));

        Assert.Contains("cannot tell whether another one has taken it over", failure.Message);
    }

    [Fact]
    public async Task Claim_OnlyCheckpointDamaged_NeverStartsOver()
    {
        CheckpointLog first = await ClaimAsync();
        await first.AppendAsync(Content(), default);
        _store.Damage(Entry(2), bytes => bytes[..^1]);

        var failure = await Assert.ThrowsAsync<StreamKitException>(() => ClaimAsync(claims: new RunnerClaims { MayGoBack = true }));

        Assert.Contains("no checkpoint in 'memory' is left to go back to", failure.Message);
        Assert.Contains(Entry(2), failure.Message);
        Assert.Equal(2, _store.Names.Count);
    }

    [Fact]
    public async Task Claim_TailDamagedAndOnlyAnOldClaimReadable_DoesNotGoBackToItsReleasedBase()
    {
        CheckpointLog first = await ClaimAsync(retained: 1);
        await first.AppendAsync(Content("data/2"), default);
        CheckpointLog second = await ClaimAsync(retained: 1);
        for (int i = 4; i <= 9; i++)
        {
            await second.AppendAsync(Content($"data/{i}"), default);
            await second.Retention.CleanAsync(default);
        }

        _store.Damage(Entry(9), bytes => bytes[..^1]);
        var failure = await Assert.ThrowsAsync<StreamKitException>(() => ClaimAsync(retained: 1, claims: new RunnerClaims { MayGoBack = true }));

        Assert.Contains("no checkpoint in 'memory' is left to go back to", failure.Message);
        Assert.Contains(Entry(9), failure.Message);
        Assert.Contains("checkpoint 2, which claim 3 contains, was given up", failure.Message);
        Assert.True(failure.IsPermanent);
        Assert.Equal([Entry(1), Entry(3), Entry(9)], _store.Names);
    }

    [Fact]
    public async Task Claim_TailDamagedBehindAClaimWhoseBaseIsInForce_StartsFromThatBase()
    {
        CheckpointLog first = await ClaimAsync();
        await first.AppendAsync(Content("data/2"), default);
        CheckpointLog second = await ClaimAsync();
        await second.AppendAsync(Content("data/4"), default);

        _store.Damage(Entry(4), bytes => bytes[..^1]);
        CheckpointLog back = await ClaimAsync(claims: new RunnerClaims { MayGoBack = true });

        Assert.Equal((5, 2L), (back.Claim, back.Base!.Number));
    }

    [Fact]
    public async Task Append_AfterATakeOver_IsFencedForGood()
    {
        CheckpointLog zombie = await ClaimAsync();
        await zombie.AppendAsync(Content(), default);
        CheckpointLog other = await ClaimAsync();
        await other.AppendAsync(Content(), default);

        var failure = await Assert.ThrowsAsync<JobFencedException>(async () => await zombie.AppendAsync(Content(), default));

        Assert.Contains("the runner that claimed the job with entry 3", failure.Message);
        await Assert.ThrowsAsync<StreamKitException>(async () => await zombie.AppendAsync(Content(), default));
        Assert.Equal(4, _store.Names.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Append_OutcomeUnknown_IsRepeatedUntilItIsKnown(bool stored)
    {
        CheckpointLog log = await ClaimAsync();
        int failures = 0;
        void Fail(StoreCall call)
        {
            if (call == StoreCall.TryCreate && failures++ < 3)
            {
                throw new IOException("timeout");
            }
        }

        _store.After = stored ? (call, _) => Fail(call) : null;
        _store.Before = stored ? null : (call, _) =>
        {
            Fail(call);
            return ValueTask.CompletedTask;
        };

        Task<CheckpointManifest> appending = log.AppendAsync(Content("data/a"), default).AsTask();
        await AdvanceUntilAsync(appending);

        Assert.Equal(2, (await appending).Number);
        Assert.Equal(3, (await log.AppendAsync(Content("data/b"), default)).Number);
        Assert.Equal(["data/b"], (await ClaimAsync()).Base!.ObjectNames);
    }

    [Fact]
    public async Task Append_OutcomeUnknownAndTakenOver_IsFenced()
    {
        CheckpointLog log = await ClaimAsync();
        bool once = false;
        _store.Before = async (call, _) =>
        {
            if (call == StoreCall.TryCreate && !once)
            {
                once = true;
                await ClaimAsync();
                throw new IOException("timeout");
            }
        };

        Task<CheckpointManifest> appending = log.AppendAsync(Content(), default).AsTask();
        await AdvanceUntilAsync(appending);

        await Assert.ThrowsAsync<JobFencedException>(() => appending);
    }

    [Fact]
    public async Task Append_OutcomeStaysUnknown_TheLogTakesNothingMore()
    {
        CheckpointLog log = await ClaimAsync();
        _store.Before = (call, _) => call == StoreCall.TryCreate ? throw new IOException("timeout") : ValueTask.CompletedTask;
        Task<CheckpointManifest> appending = log.AppendAsync(Content(), default).AsTask();
        await AdvanceUntilAsync(appending);
        _store.Before = null;

        var unknown = await Assert.ThrowsAsync<StreamKitException>(() => appending);
        var refused = await Assert.ThrowsAsync<StreamKitException>(async () => await log.AppendAsync(Content(), default));

        Assert.Contains("is unknown after 8 attempts", unknown.Message);
        Assert.Contains("is unknown; nothing can be committed", refused.Message);
    }

    [Fact]
    public async Task Append_ClockGoesBack_TimestampsDoNot()
    {
        CheckpointLog log = await ClaimAsync();
        _clock.Advance(TimeSpan.FromHours(1));
        CheckpointManifest first = await log.AppendAsync(Content(), default);

        CheckpointLog elsewhere = await ClaimAsync(clock: new ManualTimeProvider());
        CheckpointManifest second = await elsewhere.AppendAsync(Content(), default);

        Assert.Equal(first.Timestamp, second.Timestamp);
    }

    [Fact]
    public async Task DeleteReleased_BeyondRetention_RemovesFilesNobodyElseNamesAndKeepsClaims()
    {
        CheckpointLog log = await ClaimAsync(retained: 2);
        await PutAsync("data/shared", "data/2", "data/3", "data/4");
        for (int i = 2; i <= 4; i++)
        {
            await log.AppendAsync(Content("data/shared", $"data/{i}"), default);
            await log.Retention.DeleteReleasedAsync(default);
        }

        Assert.Equal(["data/3", "data/4", "data/shared", Entry(1), Entry(3), Entry(4)], _store.Names);
        Assert.Empty(log.Retention.Released);
    }

    [Fact]
    public async Task DeleteReleased_BeforeTheEntryThatReleases_IsNothing()
    {
        CheckpointLog log = await ClaimAsync(retained: 1);
        await PutAsync("data/a");
        await log.AppendAsync(Content("data/a"), default);

        await log.Retention.DeleteReleasedAsync(default);

        Assert.Equal(["data/a", Entry(1), Entry(2)], _store.Names);
    }

    [Fact]
    public async Task DeleteReleased_CrashedBetweenFilesAndEntry_IsFinishedByTheNextRunner()
    {
        CheckpointLog log = await ClaimAsync(retained: 1);
        await PutAsync("data/a", "data/b");
        await log.AppendAsync(Content("data/a"), default);
        await log.AppendAsync(Content("data/b"), default);
        _store.Before = (call, name) =>
            call == StoreCall.Delete && name.StartsWith("log/", StringComparison.Ordinal) ? throw new IOException("killed") : ValueTask.CompletedTask;
        await Assert.ThrowsAsync<IOException>(async () => await log.Retention.DeleteReleasedAsync(default));
        _store.Before = null;
        Assert.Equal(["data/b", Entry(1), Entry(2), Entry(3)], _store.Names);

        CheckpointLog next = await ClaimAsync(retained: 1);
        long[] inherited = [.. next.Retention.Released];
        await next.Retention.DeleteReleasedAsync(default);

        Assert.Equal([2L], inherited);
        Assert.Equal(["data/b", Entry(1), Entry(3), Entry(4)], _store.Names);
    }

    [Fact]
    public async Task DeleteReleased_CheckpointInForceUnreadable_DeletesNothing()
    {
        CheckpointLog log = await ClaimAsync(retained: 2);
        await PutAsync("data/a", "data/b", "data/c");
        await log.AppendAsync(Content("data/a"), default);
        await log.AppendAsync(Content("data/b"), default);
        CheckpointLog next = await ClaimAsync(retained: 2);
        _store.Damage(Entry(2), bytes => bytes[..^1]);
        _store.Damage(Entry(3), bytes => bytes[..^1]);
        await next.AppendAsync(Content("data/c"), default);

        await next.Retention.DeleteReleasedAsync(default);
        int swept = await next.Retention.SweepAsync(default);

        // Entry 3 is the base, whose content the claim carries, so only the released entry 2 is unreadable: it goes, its files wait.
        Assert.DoesNotContain(Entry(2), _store.Names);
        Assert.Contains("data/a", _store.Names);
        Assert.Equal(0, swept);
    }

    [Fact]
    public async Task Sweep_OrphansOfLowerClaims_GoAndNothingElse()
    {
        CheckpointLog first = await ClaimAsync();
        string named = StoredNames.Data(first.Claim, 1, "0-0");
        string orphan = StoredNames.Data(first.Claim, 2, "0-0");
        await PutAsync(named, orphan, "data/notes");
        await first.AppendAsync(Content(named), default);
        CheckpointLog second = await ClaimAsync();
        string own = StoredNames.Data(second.Claim, 1, "0-0");
        string later = StoredNames.Data(second.Claim + 5, 1, "0-0");
        await PutAsync(own, later);

        int swept = await second.Retention.SweepAsync(default);

        Assert.Equal(1, swept);
        Assert.Equal(["data/notes", later, named, own], _store.Names.Where(n => n.StartsWith("data/", StringComparison.Ordinal)).OrderBy(n => n == "data/notes" ? 0 : n == later ? 1 : n == named ? 2 : 3));
    }

    [Theory]
    [InlineData("log/00000000000000000012", 12L)]
    [InlineData("log/12", null)]
    [InlineData("log/0000000000000000001x", null)]
    [InlineData("log/000000000000000000012", null)]
    [InlineData("log/99999999999999999999", null)]
    [InlineData("data/00000000000000000012", null)]
    public void LogEntryNumber_Name_IsReadOrRefused(string name, long? expected) => Assert.Equal(expected, StoredNames.LogEntryNumber(name));

    [Theory]
    [InlineData("data/00000000000000000012/1-0", 12L)]
    [InlineData("data/00000000000000000012", null)]
    [InlineData("data/00000000000000000012/", null)]
    [InlineData("data/12/1-0", null)]
    [InlineData("log/00000000000000000012", null)]
    public void DataClaim_Name_IsReadOrRefused(string name, long? expected) => Assert.Equal(expected, StoredNames.DataClaim(name));

    private static void LoseAnswer(StoreCall call)
    {
        if (call == StoreCall.TryCreate)
        {
            throw new IOException("timeout");
        }
    }

    private static string Entry(long number) => StoredNames.LogEntry(number);

    private static CheckpointContent Content(params string[] files) => new(
        [
            new OperatorManifest
            {
                Name = "count",
                Parallelism = 1,
                Segments = [.. files.Select(f => new SegmentReference { ObjectName = f, Length = 1, KeyGroups = new KeyGroupRange(0, 127), Sequence = 0, Checksum = 0 })],
                Subtasks = [],
            },
        ],
        [],
        Finished: false);

    private async Task<CheckpointLog> ClaimAsync(
        string job = "job", int max = 128, int retained = 3, TimeProvider? clock = null, RunnerClaims? claims = null) =>
        await CheckpointLog.ClaimAsync(
            _store, job, max, retained, claims ?? new RunnerClaims(), () => new Guid(++_identities, 0, 0, new byte[8]), clock ?? _clock, NullLogger.Instance, default);

    private async Task PutAsync(params string[] names)
    {
        foreach (string name in names)
        {
            await _store.PutAsync(name, PipeReader.Create(new MemoryStream([1])), default);
        }
    }

    private async Task AdvanceUntilAsync(Task task)
    {
        for (int i = 0; i < 100 && !task.IsCompleted; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }
    }
}
