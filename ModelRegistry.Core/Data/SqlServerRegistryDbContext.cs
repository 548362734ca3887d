using System.Data.Common;
using Microsoft.AspNetCore.Identity;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts;

namespace ModelRegistry.Core.Data;

public sealed class SqlServerRegistryDbContext(DbContextOptions<SqlServerRegistryDbContext> options) : RegistryDbContext(options)
{
    private const int DuplicateKeyInIndex = 2601;
    private const int DuplicateKeyInConstraint = 2627;

    public override bool IsUniqueViolation(DbException exception) =>
        exception is SqlException { Number: DuplicateKeyInIndex or DuplicateKeyInConstraint };

    // The server's default collation ignores case: 'lr' and 'LR' are two parameters.
    protected override void ConfigureConventions(ModelConfigurationBuilder builder) =>
        builder.Properties<string>().UseCollation("Latin1_General_100_BIN2");

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        // A clustered key holds 900 bytes; a path needs 1 600, a passkey's id 1 024.
        builder.Entity<ArtifactFile>().HasKey(f => new { f.RootId, f.Path }).IsClustered(false);
        builder.Entity<IdentityUserPasskey<long>>().HasKey(p => p.CredentialId).IsClustered(false);
        builder.HasSequence<long>(RunIds.Sequence).IncrementsBy(RunIds.BlockSize);
    }
}
