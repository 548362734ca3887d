using System.Data.Common;
using System.Text;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Artifacts.Uploads;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Erasure;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Notices;
using ModelRegistry.Core.Promotion;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Retention;
using ModelRegistry.Core.Tracking;
using ModelRegistry.Core.Webhooks;

namespace ModelRegistry.Core.Data;

/// <summary>
/// The one model of the registry; the three derived contexts add what a provider needs. Every change goes through
/// <see cref="BeginWriteAsync"/> or a single SaveChanges.
/// </summary>
public abstract class RegistryDbContext(DbContextOptions options)
    : IdentityDbContext<RegistryUser, IdentityRole<long>, long>(options), IDataProtectionKeyContext
{
    public DbSet<ApiToken> ApiTokens => Set<ApiToken>();
    public DbSet<Team> Teams => Set<Team>();
    public DbSet<TeamMember> TeamMembers => Set<TeamMember>();
    public DbSet<Grant> Grants => Set<Grant>();
    public DbSet<Experiment> Experiments => Set<Experiment>();
    public DbSet<ExperimentTag> ExperimentTags => Set<ExperimentTag>();
    public DbSet<Run> Runs => Set<Run>();
    public DbSet<RunContributor> RunContributors => Set<RunContributor>();
    public DbSet<Param> Params => Set<Param>();
    public DbSet<RunTag> RunTags => Set<RunTag>();
    public DbSet<MetricKey> MetricKeys => Set<MetricKey>();
    public DbSet<MetricPoint> MetricPoints => Set<MetricPoint>();
    public DbSet<LatestMetric> LatestMetrics => Set<LatestMetric>();
    public DbSet<Dataset> Datasets => Set<Dataset>();
    public DbSet<DatasetInput> DatasetInputs => Set<DatasetInput>();
    public DbSet<DatasetInputTag> DatasetInputTags => Set<DatasetInputTag>();
    public DbSet<LoggedModel> LoggedModels => Set<LoggedModel>();
    public DbSet<LoggedModelParam> LoggedModelParams => Set<LoggedModelParam>();
    public DbSet<LoggedModelTag> LoggedModelTags => Set<LoggedModelTag>();
    public DbSet<LoggedModelMetric> LoggedModelMetrics => Set<LoggedModelMetric>();
    public DbSet<RunModel> RunModels => Set<RunModel>();
    public DbSet<RegisteredModel> RegisteredModels => Set<RegisteredModel>();
    public DbSet<RegisteredModelTag> RegisteredModelTags => Set<RegisteredModelTag>();
    public DbSet<RegisteredModelAlias> RegisteredModelAliases => Set<RegisteredModelAlias>();
    public DbSet<AliasChange> AliasChanges => Set<AliasChange>();
    public DbSet<ModelVersion> ModelVersions => Set<ModelVersion>();
    public DbSet<ModelVersionTag> ModelVersionTags => Set<ModelVersionTag>();
    public DbSet<StageTransition> StageTransitions => Set<StageTransition>();
    public DbSet<StageRename> StageRenames => Set<StageRename>();
    public DbSet<ArtifactBlob> ArtifactBlobs => Set<ArtifactBlob>();
    public DbSet<ArtifactRoot> ArtifactRoots => Set<ArtifactRoot>();
    public DbSet<ArtifactFile> ArtifactFiles => Set<ArtifactFile>();
    public DbSet<LastUse> LastUses => Set<LastUse>();
    public DbSet<ArtifactUpload> ArtifactUploads => Set<ArtifactUpload>();
    public DbSet<ArtifactUploadPart> ArtifactUploadParts => Set<ArtifactUploadPart>();
    public DbSet<AuditEvent> AuditEvents => Set<AuditEvent>();
    public DbSet<AuditOrigin> AuditOrigins => Set<AuditOrigin>();
    public DbSet<AuditSeal> AuditSeals => Set<AuditSeal>();
    public DbSet<ChangeStamp> ChangeStamps => Set<ChangeStamp>();
    public DbSet<Lease> Leases => Set<Lease>();
    public DbSet<IdempotentRequest> IdempotentRequests => Set<IdempotentRequest>();
    public DbSet<LegalHold> LegalHolds => Set<LegalHold>();
    public DbSet<RetentionLock> RetentionLocks => Set<RetentionLock>();
    public DbSet<PromotionPolicy> PromotionPolicies => Set<PromotionPolicy>();
    public DbSet<ApprovalRequest> ApprovalRequests => Set<ApprovalRequest>();
    public DbSet<ApprovalEntry> ApprovalEntries => Set<ApprovalEntry>();
    public DbSet<RetentionPolicy> RetentionPolicies => Set<RetentionPolicy>();
    public DbSet<RetentionPolicyVersion> RetentionPolicyVersions => Set<RetentionPolicyVersion>();
    public DbSet<RetentionRun> RetentionRuns => Set<RetentionRun>();
    public DbSet<RetentionItem> RetentionItems => Set<RetentionItem>();
    public DbSet<RetentionClock> RetentionClocks => Set<RetentionClock>();
    public DbSet<ErasureCase> ErasureCases => Set<ErasureCase>();
    public DbSet<ErasureItem> ErasureItems => Set<ErasureItem>();
    public DbSet<PurgeCertificate> PurgeCertificates => Set<PurgeCertificate>();
    public DbSet<Notice> Notices => Set<Notice>();
    public DbSet<NoticeMail> NoticeMails => Set<NoticeMail>();
    public DbSet<Webhook> Webhooks => Set<Webhook>();
    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();
    public DbSet<DeliveryAttempt> DeliveryAttempts => Set<DeliveryAttempt>();
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    /// <summary>
    /// Starts the transaction of a change. On SQLite it first waits for the process's one writer slot, so that writers
    /// queue in order and never see "database is locked".
    /// </summary>
    public virtual async Task<WriteTransaction> BeginWriteAsync(CancellationToken ct) =>
        new(await Database.BeginTransactionAsync(ct), null);

    /// <summary>The exception says that a unique index or primary key refused the row.</summary>
    public abstract bool IsUniqueViolation(DbException exception);

    public bool IsUniqueViolation(DbUpdateException exception) =>
        exception.InnerException is DbException inner && IsUniqueViolation(inner);

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<RegistryUser>().ToTable("users").Property(u => u.DisplayName)
            .HasMaxLength(RegistryUser.MaxDisplayNameLength);
        builder.Entity<IdentityRole<long>>().ToTable("roles");
        builder.Entity<IdentityUserRole<long>>().ToTable("user_roles");
        builder.Entity<IdentityUserClaim<long>>().ToTable("user_claims");
        builder.Entity<IdentityUserLogin<long>>().ToTable("user_logins");
        builder.Entity<IdentityUserToken<long>>().ToTable("user_tokens");
        builder.Entity<IdentityRoleClaim<long>>().ToTable("role_claims");
        builder.Entity<IdentityUserPasskey<long>>().ToTable("user_passkeys");
        builder.ApplyConfigurationsFromAssembly(typeof(RegistryDbContext).Assembly);
        UseSnakeCase(builder);
    }

    // One spelling that needs no quotes on any of the three databases: the raw SQL of the hot paths stays readable.
    private static void UseSnakeCase(ModelBuilder builder)
    {
        foreach (var entity in builder.Model.GetEntityTypes())
        {
            if (entity.GetTableName() is not { } table || entity.IsMappedToJson())
                continue;
            entity.SetTableName(SnakeCase(table));
            foreach (var property in entity.GetProperties())
                property.SetColumnName(SnakeCase(property.Name));
            foreach (var key in entity.GetKeys())
                key.SetName(SnakeCase(key.GetName()!));
            foreach (var key in entity.GetForeignKeys())
                key.SetConstraintName(SnakeCase(key.GetConstraintName()!));
            foreach (var index in entity.GetIndexes())
                index.SetDatabaseName(SnakeCase(index.GetDatabaseName()!));
        }
    }

    private static string SnakeCase(string name)
    {
        var result = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && char.IsLower(name[i - 1]))
                result.Append('_');
            result.Append(char.ToLowerInvariant(name[i]));
        }

        return result.ToString();
    }
}
