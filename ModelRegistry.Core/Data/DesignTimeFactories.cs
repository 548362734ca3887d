using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.DependencyInjection;

namespace ModelRegistry.Core.Data;

// For `dotnet ef migrations add`; no server is asked.

internal static class DesignTime
{
    public static DbContextOptionsBuilder<TContext> Options<TContext>() where TContext : DbContext
    {
        var options = new DbContextOptionsBuilder<TContext>();
        options.UseApplicationServiceProvider(new ServiceCollection().AddIdentitySchema().BuildServiceProvider());
        return options;
    }
}

internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteRegistryDbContext>
{
    public SqliteRegistryDbContext CreateDbContext(string[] args)
    {
        var options = DesignTime.Options<SqliteRegistryDbContext>();
        DataServices.UseSqlite(options, new DatabaseOptions(DatabaseProvider.Sqlite, "Data Source=design.db", null));
        return new SqliteRegistryDbContext(options.Options);
    }
}

internal sealed class PostgreSqlDesignTimeFactory : IDesignTimeDbContextFactory<PostgreSqlRegistryDbContext>
{
    public PostgreSqlRegistryDbContext CreateDbContext(string[] args)
    {
        var options = DesignTime.Options<PostgreSqlRegistryDbContext>();
        DataServices.UsePostgreSql(options, new DatabaseOptions(DatabaseProvider.PostgreSql, "Host=design", null));
        return new PostgreSqlRegistryDbContext(options.Options);
    }
}

internal sealed class SqlServerDesignTimeFactory : IDesignTimeDbContextFactory<SqlServerRegistryDbContext>
{
    public SqlServerRegistryDbContext CreateDbContext(string[] args)
    {
        var options = DesignTime.Options<SqlServerRegistryDbContext>();
        DataServices.UseSqlServer(options, new DatabaseOptions(DatabaseProvider.SqlServer, "Server=design", null));
        return new SqlServerRegistryDbContext(options.Options);
    }
}
