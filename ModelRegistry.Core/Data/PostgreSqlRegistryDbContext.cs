using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ModelRegistry.Core.Data;

public sealed class PostgreSqlRegistryDbContext(DbContextOptions<PostgreSqlRegistryDbContext> options) : RegistryDbContext(options)
{
    public override bool IsUniqueViolation(DbException exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    // Ordered by code point, as on the other databases: a page token made on one sorts the same on another.
    protected override void ConfigureConventions(ModelConfigurationBuilder builder) =>
        builder.Properties<string>().UseCollation("C");

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.HasSequence<long>(RunIds.Sequence).IncrementsBy(RunIds.BlockSize);
    }
}
