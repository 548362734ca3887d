using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Data;

namespace ModelRegistry.Tests.Audit;

/// <summary>A database with an audit trail, and what may be done with it: record, seal, verify, tamper.</summary>
public sealed class AuditDatabase : IAsyncDisposable
{
    private readonly MigratedDatabase _database;

    private AuditDatabase(MigratedDatabase database, FakeTimeProvider time)
    {
        _database = database;
        Time = time;
    }

    public FakeTimeProvider Time { get; }
    public IServiceProvider Services => _database.Services;

    public static async Task<AuditDatabase> CreateAsync(DatabaseProvider provider)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        var database = await MigratedDatabase.CreateAsync(provider, services => services
            .AddSingleton<TimeProvider>(time).AddScoped<CurrentUserHolder>().AddAudit());
        return new AuditDatabase(database, time);
    }

    /// <summary>Events of every shape: with and without scope, token, reason, before, after and origin.</summary>
    public Task RecordAsync(int count, int from = 0) => InScopeAsync(async services =>
    {
        var db = services.GetRequiredService<RegistryDbContext>();
        var caller = services.GetRequiredService<CurrentUserHolder>();
        var trail = services.GetRequiredService<AuditTrail>();
        for (var i = from; i < from + count; i++)
        {
            caller.User = new CurrentUser { Id = 1 + i % 3, Name = "someone", Roles = RegistryRole.Member, TokenId = i % 2 == 0 ? 9 : null };
            caller.Address = i % 4 == 3 ? null : $"192.0.2.{i % 200}";
            trail.Record(db, new AuditEntry("model-version.stage-changed", "model-version", $"fraud/{i}")
            {
                Before = new { Stage = "Staging" },
                After = new { Stage = "Production", Note = "straße" },
                Reason = i % 3 == 0 ? "better" : null,
                Scope = i % 5 == 0 ? null : AuditEntry.ScopeOf(SecurableKind.RegisteredModel, 1 + i % 2),
            });
            Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        return await db.SaveChangesAsync();
    });

    public Task<int?> SealBatchAsync(string holder = "one") =>
        InScopeAsync(s => s.GetRequiredService<AuditSealer>().SealBatchAsync(holder, default));

    public async Task SealAllAsync()
    {
        while (await SealBatchAsync() == AuditSealer.BatchSize)
        {
        }
    }

    public Task<AuditVerification> VerifyAsync(AuditCheckpoint? checkpoint = null) =>
        InScopeAsync(s => s.GetRequiredService<AuditVerifier>().VerifyAsync(checkpoint, default));

    public Task<List<AuditEvent>> EventsAsync() => UseAsync(db =>
        db.AuditEvents.AsNoTracking().OrderBy(e => e.Sequence == null).ThenBy(e => e.Sequence).ThenBy(e => e.Id).ToListAsync());

    /// <summary>Past the registry, as somebody with the database's password would.</summary>
    public Task TamperAsync(string sql) => UseAsync(db => db.Database.ExecuteSqlRawAsync(sql));

    public Task<T> UseAsync<T>(Func<RegistryDbContext, Task<T>> use) => _database.UseAsync(use);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private async Task<T> InScopeAsync<T>(Func<IServiceProvider, Task<T>> use)
    {
        await using var scope = Services.CreateAsyncScope();
        return await use(scope.ServiceProvider);
    }
}
