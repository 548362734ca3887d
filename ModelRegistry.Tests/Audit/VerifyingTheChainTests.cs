using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Audit;

public sealed class VerifyingTheChainTests
{
    /// <summary>What is done to a chain of ten events in two batches, what is found, and at which event.</summary>
    public static TheoryData<string, AuditFaultKind, long> Tampering => new()
    {
        { "UPDATE audit_events SET id = 1000 WHERE sequence = 4", AuditFaultKind.Altered, 4 },
        { "UPDATE audit_events SET at_ms = at_ms + 1 WHERE sequence = 4", AuditFaultKind.Altered, 4 },
        { "UPDATE audit_events SET actor_id = 77 WHERE sequence = 4", AuditFaultKind.Altered, 4 },
        { "UPDATE audit_events SET token_id = 77 WHERE sequence = 4", AuditFaultKind.Altered, 4 },
        { "UPDATE audit_events SET token_id = NULL WHERE sequence = 5", AuditFaultKind.Altered, 5 },
        { "UPDATE audit_events SET action = 'x' WHERE sequence = 4", AuditFaultKind.Altered, 4 },
        { "UPDATE audit_events SET object_kind = 'x' WHERE sequence = 4", AuditFaultKind.Altered, 4 },
        { "UPDATE audit_events SET object_id = 'x' WHERE sequence = 4", AuditFaultKind.Altered, 4 },
        { "UPDATE audit_events SET scope_kind = 1 WHERE sequence = 4", AuditFaultKind.Altered, 4 },
        { "UPDATE audit_events SET scope_id = 77 WHERE sequence = 4", AuditFaultKind.Altered, 4 },
        { "UPDATE audit_events SET scope_kind = NULL, scope_id = NULL WHERE sequence = 4", AuditFaultKind.Altered, 4 },
        { "UPDATE audit_events SET before = after, after = before WHERE sequence = 4", AuditFaultKind.Altered, 4 },
        { "UPDATE audit_events SET before = NULL WHERE sequence = 4", AuditFaultKind.Altered, 4 },
        { "UPDATE audit_events SET after = '' WHERE sequence = 4", AuditFaultKind.Altered, 4 },
        { "UPDATE audit_events SET reason = '' WHERE sequence = 5", AuditFaultKind.Altered, 5 },
        { "UPDATE audit_events SET reason = after, after = reason WHERE sequence = 4", AuditFaultKind.Altered, 4 },
        { "UPDATE audit_events SET origin_digest = NULL WHERE sequence = 3", AuditFaultKind.Altered, 3 },
        { "UPDATE audit_events SET hash = (SELECT e.hash FROM audit_events e WHERE e.sequence = 3) WHERE sequence = 4",
            AuditFaultKind.Altered, 4 },
        { "UPDATE audit_events SET hash = NULL WHERE sequence = 4", AuditFaultKind.Altered, 4 },
        { "UPDATE audit_origins SET address = '203.0.113.9' WHERE event_id = 2", AuditFaultKind.OriginAltered, 2 },
        { "UPDATE audit_origins SET salt = (SELECT o.salt FROM audit_origins o WHERE o.event_id = 1) WHERE event_id = 2",
            AuditFaultKind.OriginAltered, 2 },
        { "DELETE FROM audit_origins WHERE event_id = 4; DELETE FROM audit_events WHERE sequence = 4", AuditFaultKind.Missing, 4 },
        { "DELETE FROM audit_origins WHERE event_id = 1; DELETE FROM audit_events WHERE sequence = 1", AuditFaultKind.Missing, 1 },
        { "DELETE FROM audit_origins WHERE event_id > 8; DELETE FROM audit_events WHERE sequence > 8", AuditFaultKind.Missing, 9 },
        { "DELETE FROM audit_origins; DELETE FROM audit_events", AuditFaultKind.Missing, 1 },
        { "UPDATE audit_events SET sequence = NULL WHERE sequence = 4", AuditFaultKind.Missing, 4 },
        { "UPDATE audit_events SET sequence = 40 WHERE sequence = 4", AuditFaultKind.Missing, 4 },
        // Two change their places, with and without their hashes.
        { "UPDATE audit_events SET sequence = -1 WHERE sequence = 4; UPDATE audit_events SET sequence = 4 WHERE sequence = 5; "
            + "UPDATE audit_events SET sequence = 5 WHERE sequence = -1", AuditFaultKind.Altered, 4 },
        // One is put between others, the rest moves up; and one is put at either end.
        { "UPDATE audit_events SET sequence = -sequence - 1 WHERE sequence > 4; UPDATE audit_events SET sequence = -sequence "
            + "WHERE sequence < 0; " + Insert + "500, 5)", AuditFaultKind.Altered, 5 },
        { Insert + "500, 11)", AuditFaultKind.Inserted, 11 },
        { Insert + "500, 0)", AuditFaultKind.Inserted, 0 },
        { "DELETE FROM audit_seals", AuditFaultKind.Inserted, 1 },
        { "DELETE FROM audit_seals WHERE last_sequence = 6", AuditFaultKind.SealAltered, 1 },
        { "DELETE FROM audit_seals WHERE last_sequence = 10", AuditFaultKind.Inserted, 7 },
        { "UPDATE audit_seals SET head_hash = (SELECT hash FROM audit_events WHERE sequence = 2) WHERE last_sequence = 6",
            AuditFaultKind.SealAltered, 6 },
        { "UPDATE audit_seals SET last_sequence = 5 WHERE last_sequence = 6", AuditFaultKind.SealAltered, 5 },
        { "UPDATE audit_seals SET first_sequence = 8 WHERE last_sequence = 10", AuditFaultKind.SealAltered, 7 },
    };

    public static TheoryData<DatabaseProvider> Databases => [DatabaseProvider.Sqlite, DatabaseProvider.PostgreSql];

    private const string Insert = "INSERT INTO audit_events (at_ms, actor_id, action, object_kind, object_id, id, sequence) "
        + "VALUES (1, 1, 'a', 'b', 'c', ";

    [SkippableTheory, MemberData(nameof(Databases))]
    [Trait("Case", "F20"), Trait("Case", "L14")]
    public async Task Whatever_is_altered_is_found_at_its_place(DatabaseProvider provider)
    {
        await using var audit = await ChainOfTenAsync(provider);
        var failures = new List<string>();
        foreach (var row in Tampering)
        {
            var (sql, kind, sequence) = ((string)row[0], (AuditFaultKind)row[1], (long)row[2]);
            var found = await audit.UseAsync(async db =>
            {
                // Rolled back: the next case begins with the sound chain again.
                await using var change = await db.BeginWriteAsync(default);
                await db.Database.ExecuteSqlRawAsync(sql);
                return await new AuditVerifier(db).VerifyAsync(null, default);
            });
            if (found.Fault?.Kind != kind || found.Fault.Sequence != sequence)
                failures.Add($"{sql}: found {found.Fault?.ToString() ?? "nothing"}");
        }

        failures.ShouldBeEmpty();
        (await audit.VerifyAsync()).IsIntact.ShouldBeTrue();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_sound_chain_is_reported_with_its_head(DatabaseProvider provider)
    {
        await using var audit = await ChainOfTenAsync(provider);
        await audit.RecordAsync(3, from: 10);

        var verification = await audit.VerifyAsync();

        verification.Fault.ShouldBeNull();
        verification.HeadSequence.ShouldBe(10);
        verification.HeadHash.ShouldBe((await audit.EventsAsync())[9].Hash);
        verification.OpenEvents.ShouldBe(3);
        verification.OldestOpenMs.ShouldBe((await audit.EventsAsync())[10].AtMs);
    }

    [Fact]
    public async Task No_events_are_a_sound_chain()
    {
        await using var audit = await AuditDatabase.CreateAsync(DatabaseProvider.Sqlite);

        (await audit.VerifyAsync()).ShouldSatisfyAllConditions(v => v.IsIntact.ShouldBeTrue(), v => v.HeadSequence.ShouldBe(0));
    }

    [SkippableTheory, MemberData(nameof(Databases))]
    public async Task An_erased_origin_leaves_the_chain_sound(DatabaseProvider provider)
    {
        await using var audit = await ChainOfTenAsync(provider);

        await audit.TamperAsync("DELETE FROM audit_origins WHERE event_id < 6");

        (await audit.VerifyAsync()).Fault.ShouldBeNull();
    }

    [SkippableTheory, MemberData(nameof(Databases))]
    [Trait("Case", "L14")]
    public async Task A_tail_that_is_cut_off_with_its_seal_is_found_by_a_checkpoint(DatabaseProvider provider)
    {
        await using var audit = await ChainOfTenAsync(provider);
        var checkpoint = await CheckpointAsync(audit);
        await audit.TamperAsync("DELETE FROM audit_origins WHERE event_id > 6; DELETE FROM audit_events WHERE sequence > 6; "
            + "DELETE FROM audit_seals WHERE last_sequence > 6");

        (await audit.VerifyAsync()).IsIntact.ShouldBeTrue("nothing in the database says that there was more");
        (await audit.VerifyAsync(checkpoint)).Fault.ShouldSatisfyAllConditions(
            f => f!.Kind.ShouldBe(AuditFaultKind.CheckpointNotMet), f => f!.Sequence.ShouldBe(7));
    }

    [Fact]
    [Trait("Case", "L14")]
    public async Task A_chain_that_was_made_anew_is_found_by_a_checkpoint()
    {
        await using var audit = await ChainOfTenAsync(DatabaseProvider.Sqlite);
        var checkpoint = await CheckpointAsync(audit);
        await audit.TamperAsync("DELETE FROM audit_seals; UPDATE audit_events SET action = 'x' WHERE sequence = 2; "
            + "UPDATE audit_events SET sequence = NULL, hash = NULL");
        await audit.SealAllAsync();

        (await audit.VerifyAsync()).IsIntact.ShouldBeTrue("whoever can write everything can also seal anew");
        (await audit.VerifyAsync(checkpoint)).Fault.ShouldSatisfyAllConditions(
            f => f!.Kind.ShouldBe(AuditFaultKind.CheckpointNotMet), f => f!.Sequence.ShouldBe(10));
    }

    [Fact]
    public async Task A_chain_that_went_on_meets_its_old_checkpoint()
    {
        await using var audit = await ChainOfTenAsync(DatabaseProvider.Sqlite);
        var checkpoint = await CheckpointAsync(audit);
        await audit.RecordAsync(5, from: 10);
        await audit.SealAllAsync();

        (await audit.VerifyAsync(checkpoint)).Fault.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"format":"modelregistry-audit-checkpoint-v1","sequence":1,"hash":"zz","at":"2026-01-01"}""")]
    public void A_file_that_is_no_checkpoint_is_refused(string json) =>
        Should.Throw<InvalidArgumentException>(() => AuditCheckpoint.Parse(json)).Field.ShouldBe("checkpoint");

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(11)]
    public async Task Pages_of_events_and_of_seals_end_where_they_like(int pageSize)
    {
        await using var audit = await ChainOfTenAsync(DatabaseProvider.Sqlite);
        for (var i = 10; i < 21; i++)
        {
            await audit.RecordAsync(1, from: i);
            await audit.SealAllAsync();
        }

        (await VerifyAsync()).ShouldSatisfyAllConditions(v => v.Fault.ShouldBeNull(), v => v.HeadSequence.ShouldBe(21));
        await audit.TamperAsync("UPDATE audit_events SET action = 'x' WHERE sequence = 20");
        (await VerifyAsync()).ShouldSatisfyAllConditions(v => v.Fault!.Sequence.ShouldBe(20), v => v.HeadSequence.ShouldBe(19));

        Task<AuditVerification> VerifyAsync() =>
            audit.UseAsync(db => new AuditVerifier(db) { PageSize = pageSize }.VerifyAsync(null, default));
    }

    private static async Task<AuditCheckpoint> CheckpointAsync(AuditDatabase audit)
    {
        var now = await audit.VerifyAsync();
        return AuditCheckpoint.Parse(new AuditCheckpoint(now.HeadSequence, now.HeadHash, 1_700_000_000_000).ToJson());
    }

    private static async Task<AuditDatabase> ChainOfTenAsync(DatabaseProvider provider)
    {
        var audit = await AuditDatabase.CreateAsync(provider);
        await audit.RecordAsync(6);
        await audit.SealAllAsync();
        await audit.RecordAsync(4, from: 6);
        await audit.SealAllAsync();
        return audit;
    }
}
