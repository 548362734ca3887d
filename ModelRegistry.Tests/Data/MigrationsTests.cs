using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Data;

public sealed class MigrationsTests
{
    [Theory, OnEachDatabase]
    public async Task The_model_has_no_change_without_a_migration(DatabaseProvider provider)
    {
        await using var database = MigratedDatabase.WithoutServer(provider);

        await database.UseAsync(db =>
        {
            db.Database.HasPendingModelChanges().ShouldBeFalse("run ./migrations.sh add NAME");
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task The_three_providers_have_the_same_migrations()
    {
        var names = new List<IReadOnlyList<string>>();
        foreach (var provider in Enum.GetValues<DatabaseProvider>())
        {
            await using var database = MigratedDatabase.WithoutServer(provider);
            names.Add(await database.UseAsync(db => Task.FromResult(
                db.Database.GetMigrations().Select(m => m[(m.IndexOf('_', StringComparison.Ordinal) + 1)..]).ToList())));
        }

        names[1].ShouldBe(names[0]);
        names[2].ShouldBe(names[0]);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Migrations_apply_and_apply_again(DatabaseProvider provider)
    {
        await using var database = await MigratedDatabase.CreateAsync(provider);

        await database.UseAsync(async db =>
        {
            await db.Database.MigrateAsync();
            (await db.Database.GetPendingMigrationsAsync()).ShouldBeEmpty();
            (await db.ChangeStamps.CountAsync()).ShouldBeGreaterThan(0);
        });
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Every_table_can_be_read(DatabaseProvider provider)
    {
        await using var database = await MigratedDatabase.CreateAsync(provider);

        await database.UseAsync(async db =>
        {
            var sql = db.GetService<Microsoft.EntityFrameworkCore.Storage.ISqlGenerationHelper>();
            foreach (var entity in db.Model.GetEntityTypes().Where(e => e.GetTableName() is not null && !e.IsMappedToJson()))
            {
                var columns = string.Join(", ", entity.GetProperties().Select(p => sql.DelimitIdentifier(p.GetColumnName())));
                var query = $"SELECT {columns} FROM {sql.DelimitIdentifier(entity.GetTableName()!)} WHERE 1 = 0";
                await db.Database.ExecuteSqlRawAsync(query);
            }
        });
    }

    [Fact]
    public async Task Going_back_before_the_first_migration_leaves_nothing()
    {
        await using var database = await MigratedDatabase.CreateAsync(DatabaseProvider.Sqlite);

        var left = await database.UseAsync(async db =>
        {
            await db.GetService<IMigrator>().MigrateAsync(Migration.InitialDatabase);
            return await db.Database
                .SqlQueryRaw<string>("SELECT name AS Value FROM sqlite_master WHERE type = 'table'").ToListAsync();
        });

        left.Where(t => t is not "__EFMigrationsHistory" and not "__EFMigrationsLock" and not "sqlite_sequence").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("metric_points")]
    [InlineData("latest_metrics")]
    [InlineData("params")]
    [InlineData("run_tags")]
    public async Task The_hot_tables_of_SQLite_are_stored_in_key_order(string table)
    {
        await using var database = await MigratedDatabase.CreateAsync(DatabaseProvider.Sqlite);

        var withoutRowId = await database.UseAsync(db => db.Database
            .SqlQuery<long>($"SELECT wr AS Value FROM pragma_table_list WHERE name = {table}").SingleAsync());

        withoutRowId.ShouldBe(1);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Names_that_differ_in_case_are_two_names(DatabaseProvider provider)
    {
        await using var database = await MigratedDatabase.CreateAsync(provider);

        await database.UseAsync(async db =>
        {
            db.AddRange(Model("Fraud"), Model("fraud"), Model("straße"), Model("strasse"));
            await db.SaveChangesAsync();

            (await db.RegisteredModels.CountAsync(m => m.Name == "fraud")).ShouldBe(1);
            (await db.RegisteredModels.Where(m => m.Name != "x").OrderBy(m => m.Name).Select(m => m.Name).ToListAsync())
                .ShouldBe(["Fraud", "fraud", "strasse", "straße"], "by code point on every database");
        });
    }

    [SkippableTheory, OnEachDatabase]
    public async Task The_same_name_twice_is_a_unique_violation(DatabaseProvider provider)
    {
        await using var database = await MigratedDatabase.CreateAsync(provider);

        await database.UseAsync(async db =>
        {
            db.AddRange(Model("fraud"), Model("fraud"));

            var refusal = await Should.ThrowAsync<DbUpdateException>(() => db.SaveChangesAsync());

            db.IsUniqueViolation(refusal).ShouldBeTrue();
        });
    }

    private static RegisteredModel Model(string name) => new() { Name = name };
}
