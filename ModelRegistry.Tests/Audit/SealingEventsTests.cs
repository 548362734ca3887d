using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Audit;

public sealed class SealingEventsTests
{
    /// <summary>Computed by another program from docs/audit.md.</summary>
    [Fact]
    public void The_hash_is_the_one_that_the_specification_gives()
    {
        var chain = AuditChain.Begin();
        Hex(chain.Hash).ShouldBe("539797ee6de4f4ec7d49827d8b67b5ee765c4e0a1fae5c1067b34e11ba606c95");

        Hex(chain.Append(new AuditEvent
        {
            Id = 41,
            AtMs = 1700000000000,
            ActorId = 7,
            Action = "model-version.stage-changed",
            ObjectKind = "model-version",
            ObjectId = "straße/3",
            ScopeKind = SecurableKind.RegisteredModel,
            ScopeId = 5,
            Before = """{"stage":"Staging"}""",
            After = """{"stage":"Production"}""",
            Reason = "ok",
        })).ShouldBe("82976945666951fde4bedfcbc25827a93616a83b892a006ac7632b9b935115b3");

        Hex(chain.Append(new AuditEvent
        {
            Id = 40,
            AtMs = 1700000000001,
            TokenId = 9,
            Action = "user.created",
            ObjectKind = "user",
            ObjectId = "12",
            OriginDigest = [.. Enumerable.Range(0, 32).Select(i => (byte)i)],
        })).ShouldBe("3fdee008714f437272dbba77d79fe73fa0b4a084da244bd70246497c4c7cee27");

        static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Committed_events_get_a_place_without_gaps(DatabaseProvider provider)
    {
        await using var audit = await AuditDatabase.CreateAsync(provider);
        await audit.RecordAsync(20);

        (await audit.SealBatchAsync()).ShouldBe(20);
        await audit.RecordAsync(5, from: 20);
        (await audit.SealBatchAsync()).ShouldBe(5);
        (await audit.SealBatchAsync()).ShouldBe(0);

        var events = await audit.EventsAsync();
        events.Select(e => e.Sequence).ShouldBe(Enumerable.Range(1, 25).Select(i => (long?)i));
        events.ShouldAllBe(e => e.Hash != null && e.Hash.Length == 32);
        var seals = await audit.UseAsync(db => db.AuditSeals.AsNoTracking().OrderBy(s => s.Id).ToListAsync());
        seals.Select(s => (s.FirstSequence, s.LastSequence)).ShouldBe([(1, 20), (21, 25)]);
        seals[^1].HeadHash.ShouldBe(events[^1].Hash);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task More_events_than_a_batch_take_several(DatabaseProvider provider)
    {
        await using var audit = await AuditDatabase.CreateAsync(provider);
        await audit.RecordAsync(AuditSealer.BatchSize + 1);

        (await audit.SealBatchAsync()).ShouldBe(AuditSealer.BatchSize);
        (await audit.SealBatchAsync()).ShouldBe(1);
    }

    /// <summary>PostgreSQL and SQL Server give ids when rows are inserted, not when they are committed.</summary>
    [SkippableTheory, InlineData(DatabaseProvider.PostgreSql), InlineData(DatabaseProvider.SqlServer)]
    public async Task An_event_that_is_committed_late_comes_later_in_the_chain(DatabaseProvider provider)
    {
        await using var audit = await AuditDatabase.CreateAsync(provider);
        await using var slow = audit.Services.CreateAsyncScope();
        var db = slow.ServiceProvider.GetRequiredService<RegistryDbContext>();
        slow.ServiceProvider.GetRequiredService<CurrentUserHolder>().User = CurrentUser.System;
        await using var change = await db.BeginWriteAsync(default);
        slow.ServiceProvider.GetRequiredService<AuditTrail>().Record(db, new AuditEntry("experiment.created", "experiment", "1"));
        await db.SaveChangesAsync();
        await audit.RecordAsync(3);
        if (provider == DatabaseProvider.PostgreSql)
            (await audit.SealBatchAsync()).ShouldBe(3);

        await change.CommitAsync(default);
        await change.DisposeAsync();
        await audit.SealAllAsync();

        (await audit.VerifyAsync()).HeadSequence.ShouldBe(4);
        if (provider == DatabaseProvider.PostgreSql)
            (await audit.EventsAsync())[^1].Action.ShouldBe("experiment.created");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Another_process_takes_over_when_the_sealer_is_gone_and_not_before(DatabaseProvider provider)
    {
        await using var audit = await AuditDatabase.CreateAsync(provider);
        await audit.RecordAsync(1);
        (await audit.SealBatchAsync("one")).ShouldBe(1);
        await audit.RecordAsync(1, from: 1);

        (await audit.SealBatchAsync("two")).ShouldBeNull();
        audit.Time.Advance(AuditSealer.LeaseDuration);
        (await audit.SealBatchAsync("two")).ShouldBe(1);

        await audit.RecordAsync(1, from: 2);
        (await audit.SealBatchAsync("one")).ShouldBeNull();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Processes_that_all_believe_to_be_the_sealer_make_one_chain(DatabaseProvider provider)
    {
        await using var audit = await AuditDatabase.CreateAsync(provider);
        await audit.RecordAsync(1);
        await audit.SealAllAsync();

        // The clock runs so fast here that every lease has expired when the next one asks.
        using var stop = new CancellationTokenSource();
        var clock = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                audit.Time.Advance(TimeSpan.FromMinutes(1));
                await Task.Yield();
            }
        });
        var writer = Task.Run(async () =>
        {
            for (var i = 0; i < 40; i++)
                await audit.RecordAsync(5, from: 1 + i * 5);
            await stop.CancelAsync();
        });
        var sealers = Enumerable.Range(0, 4).Select(n => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await audit.SealBatchAsync($"sealer {n}");
        })).ToList();
        await Task.WhenAll([clock, writer, .. sealers]);
        audit.Time.Advance(TimeSpan.FromMinutes(1));
        await audit.SealAllAsync();

        var verification = await audit.VerifyAsync();
        verification.Fault.ShouldBeNull();
        verification.HeadSequence.ShouldBe(201);
    }

    [Fact]
    public async Task The_service_seals_by_itself_and_once_more_when_it_stops()
    {
        await using var audit = await AuditDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var service = audit.Services.GetServices<IHostedService>().OfType<AuditSealing>().Single();
        await audit.RecordAsync(2);
        await service.StartAsync(default);
        await Until(async () => (await audit.EventsAsync()).All(e => e.Sequence is not null));

        await audit.RecordAsync(1, from: 2);
        await service.StopAsync(default);

        (await audit.EventsAsync()).ShouldAllBe(e => e.Sequence != null);
        (await audit.SealBatchAsync("the next process")).ShouldBe(0);
        await audit.RecordAsync(1, from: 3);
        (await audit.SealBatchAsync("the next process")).ShouldBe(1, "the lease was given back");

        static async Task Until(Func<Task<bool>> condition)
        {
            for (var i = 0; i < 200 && !await condition(); i++)
                await Task.Delay(50);
            (await condition()).ShouldBeTrue();
        }
    }

    /// <summary>A seal that was deleted must not stop the registry from sealing what happens next.</summary>
    [Fact]
    public async Task Events_are_sealed_after_an_altered_chain_too_and_the_fault_stays_visible()
    {
        await using var audit = await AuditDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await audit.RecordAsync(3);
        await audit.SealAllAsync();
        await audit.TamperAsync("DELETE FROM audit_seals");
        await audit.RecordAsync(2, from: 3);

        (await audit.SealBatchAsync()).ShouldBe(2);

        (await audit.VerifyAsync()).Fault!.Kind.ShouldBe(AuditFaultKind.SealAltered);
    }
}
