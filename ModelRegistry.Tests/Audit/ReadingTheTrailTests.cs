using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;
using ModelRegistry.Tests.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Audit;

public sealed class ReadingTheTrailTests
{
    private const long Owner = 5;

    [SkippableTheory, OnEachDatabase]
    public async Task An_auditor_sees_everything_with_its_origin(DatabaseProvider provider)
    {
        await using var trail = await TrailAsync(provider);

        var rows = await FindAsync(trail, User(RegistryRole.Auditor));

        rows.Select(r => r.Event.ObjectId).ShouldBe(["9", "secret/1", "fraud/1", "7", "secret", "fraud", "open"]);
        rows.ShouldAllBe(r => r.Address == "192.0.2.7");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Others_see_what_happened_to_what_they_may_read_and_never_users(DatabaseProvider provider)
    {
        await using var trail = await TrailAsync(provider);

        (await IdsAsync(User(RegistryRole.Viewer))).ShouldBe(["fraud/1", "fraud", "open"]);
        (await IdsAsync(User(RegistryRole.Viewer, id: Owner))).ShouldBe(["secret/1", "fraud/1", "secret", "fraud", "open"]);
        (await IdsAsync(User(RegistryRole.None, grants: new GrantRule(SecurableKind.RegisteredModel, null, "sec*", Permission.Read))))
            .ShouldBe(["secret/1", "secret"]);
        (await IdsAsync(User(RegistryRole.None, grants: new GrantRule(SecurableKind.Experiment, 2, null, Permission.Read))))
            .ShouldBe(["7"], "the hidden experiment has the number 2; the run in it is 7");
        (await IdsAsync(User(RegistryRole.None))).ShouldBeEmpty();
        (await FindAsync(trail, User(RegistryRole.Viewer))).ShouldAllBe(r => r.Address == null);

        async Task<IEnumerable<string>> IdsAsync(CurrentUser user) => (await FindAsync(trail, user)).Select(r => r.Event.ObjectId);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Filters_add_up(DatabaseProvider provider)
    {
        await using var trail = await TrailAsync(provider);

        (await IdsAsync(new AuditQuery { Scope = new AuditScope(SecurableKind.RegisteredModel, 2) })).ShouldBe(["secret/1", "secret"]);
        (await IdsAsync(new AuditQuery { Action = "model-version.created" })).ShouldBe(["secret/1", "fraud/1"]);
        (await IdsAsync(new AuditQuery { Change = "created", ActorId = 3, ObjectKind = "experiment" })).ShouldBe(["open"]);
        (await IdsAsync(new AuditQuery { Text = "50%_[a" })).ShouldBe(["fraud/1"]);
        (await IdsAsync(new AuditQuery { Text = "50%_[A" })).ShouldBeEmpty();
        (await IdsAsync(new AuditQuery { Text = "' OR 1=1 --" })).ShouldBeEmpty();
        (await IdsAsync(new AuditQuery { FromMs = 3000, ToMs = 5000 })).ShouldBe(["7", "secret"]);

        async Task<IEnumerable<string>> IdsAsync(AuditQuery query) =>
            (await FindAsync(trail, User(RegistryRole.Auditor), query)).Select(r => r.Event.ObjectId);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Pages_hold_everything_once_and_belong_to_their_query(DatabaseProvider provider)
    {
        await using var trail = await TrailAsync(provider);
        var query = new AuditQuery { MaxResults = 2 };

        var first = await PageAsync(query);
        var second = await PageAsync(query with { PageToken = first.NextPageToken });

        first.Items.Concat(second.Items).Select(r => r.Event.ObjectId).ShouldBe(["fraud/1", "fraud", "open"]);
        second.NextPageToken.ShouldBeNull();
        await Should.ThrowAsync<InvalidArgumentException>(() => PageAsync(query with { Text = "x", PageToken = first.NextPageToken }));

        Task<Page<AuditRow>> PageAsync(AuditQuery q) => InAsync(trail, User(RegistryRole.Viewer), s => s.FindAsync(q, default));
    }

    /// <summary>By whoever has docs/audit.md: no code of the registry that reads the chain is used.</summary>
    [Fact]
    public async Task An_export_of_everything_can_be_checked_without_the_registry()
    {
        await using var trail = await TrailAsync(DatabaseProvider.Sqlite);
        await using (var scope = trail.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<AuditSealer>().SealBatchAsync("one", default);

        var lines = Encoding.UTF8.GetString(await ExportAsync(trail, AuditExport.WriteJsonLinesAsync)).Split('\n');
        lines[^1].ShouldBe("");
        var chain = AuditChain.Begin();
        foreach (var line in lines[..^1].Reverse())
        {
            var e = JsonDocument.Parse(line).RootElement;
            var hash = chain.Append(new AuditEvent
            {
                Id = e.GetProperty("id").GetInt64(),
                AtMs = e.GetProperty("at_ms").GetInt64(),
                ActorId = e.GetProperty("actor_id").GetInt64(),
                TokenId = Number(e, "token_id"),
                Action = e.GetProperty("action").GetString()!,
                ObjectKind = e.GetProperty("object_kind").GetString()!,
                ObjectId = e.GetProperty("object_id").GetString()!,
                ScopeKind = (SecurableKind?)Number(e, "scope_kind"),
                ScopeId = Number(e, "scope_id"),
                Before = e.GetProperty("before").GetString(),
                After = e.GetProperty("after").GetString(),
                Reason = e.GetProperty("reason").GetString(),
                OriginDigest = e.GetProperty("origin_digest").GetString() is { } hex ? Convert.FromHexString(hex) : null,
            });
            e.GetProperty("hash").GetString().ShouldBe(Convert.ToHexStringLower(hash));
        }

        chain.Sequence.ShouldBe(7);

        static long? Number(JsonElement e, string name) =>
            e.GetProperty(name) is { ValueKind: JsonValueKind.Number } value ? value.GetInt64() : null;
    }

    [Fact]
    public async Task A_CSV_export_has_a_line_for_each_event_and_no_formulas()
    {
        await using var trail = await TrailAsync(DatabaseProvider.Sqlite);

        var lines = Encoding.UTF8.GetString(await ExportAsync(trail, AuditExport.WriteCsvAsync)).Split("\r\n");

        lines[0].ShouldStartWith("sequence,id,at,at_ms,actor_id,actor,");
        lines.Length.ShouldBe(9);
        lines.Single(l => l.Contains("fraud/1")).ShouldContain("'=cmd()");
    }

    private static Task<byte[]> ExportAsync(
        MigratedDatabase trail, Func<Stream, IAsyncEnumerable<AuditRow>, CancellationToken, Task> write) =>
        InAsync(trail, User(RegistryRole.Auditor), async search =>
        {
            using var bytes = new MemoryStream();
            await write(bytes, search.StreamAsync(new AuditQuery(), default), default);
            return bytes.ToArray();
        });

    private static async Task<List<AuditRow>> FindAsync(MigratedDatabase trail, CurrentUser user, AuditQuery? query = null) =>
        [.. (await InAsync(trail, user, s => s.FindAsync(query ?? new AuditQuery(), default))).Items];

    private static async Task<T> InAsync<T>(MigratedDatabase trail, CurrentUser user, Func<AuditSearch, Task<T>> use)
    {
        await using var scope = trail.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CurrentUserHolder>().User = user;
        return await use(scope.ServiceProvider.GetRequiredService<AuditSearch>());
    }

    private static CurrentUser User(RegistryRole roles, long id = 99, params GrantRule[] grants) =>
        new() { Id = id, Name = "somebody", Roles = roles, Grants = grants };

    /// <summary>An experiment and a model for all, one of each that only <see cref="Owner"/> may see, and a user.</summary>
    private static async Task<MigratedDatabase> TrailAsync(DatabaseProvider provider)
    {
        var trail = await MigratedDatabase.CreateAsync(provider, services => services
            .AddSingleton<TimeProvider>(TimeProvider.System).AddScoped<PeopleDirectory>().AddAudit());
        await trail.UseAsync(async db =>
        {
            var open = new Experiment { Id = 1, Name = "open", ArtifactLocation = "", OwnerId = 3 };
            var hidden = new Experiment { Id = 2, Name = "hidden", ArtifactLocation = "", OwnerId = 4, IsPrivate = true };
            var fraud = new RegisteredModel { Name = "fraud", OwnerId = 3 };
            var secret = new RegisteredModel { Name = "secret", OwnerId = Owner, IsPrivate = true };
            foreach (object o in new object[] { open, hidden, fraud, secret })
            {
                db.Add(o);
                await db.SaveChangesAsync();
            }

            var at = 1000;
            foreach (var e in new[]
            {
                Event("experiment", "open", SecurableKind.Experiment, open.Id),
                Event("registered-model", "fraud", SecurableKind.RegisteredModel, fraud.Id),
                Event("registered-model", "secret", SecurableKind.RegisteredModel, secret.Id),
                Event("run", "7", SecurableKind.Experiment, hidden.Id),
                Event("model-version", "fraud/1", SecurableKind.RegisteredModel, fraud.Id, reason: "=cmd() 50%_[a"),
                Event("model-version", "secret/1", SecurableKind.RegisteredModel, secret.Id),
                Event("user", "9", null, null),
            })
            {
                e.AtMs = at;
                at += 1000;
                db.Add(e);
                await db.SaveChangesAsync();
            }
        });
        return trail;
    }

    private static AuditEvent Event(string kind, string id, SecurableKind? scopeKind, long? scopeId, string? reason = null)
    {
        var salt = Guid.NewGuid().ToByteArray();
        return new AuditEvent
        {
            ActorId = 3,
            Action = kind + ".created",
            ObjectKind = kind,
            ObjectId = id,
            ScopeKind = scopeKind,
            ScopeId = scopeId,
            Reason = reason,
            OriginDigest = AuditChain.OriginDigest(salt, "192.0.2.7"),
            Origin = new AuditOrigin { Salt = salt, Address = "192.0.2.7" },
        };
    }
}
