using System.Globalization;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.SqlServer.Dac.Model;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Tests.Data;

/// <summary>What can be known about the schema on SQL Server without one.</summary>
public sealed class SqlServerSchemaTests
{
    private const int MaxClusteredKeyBytes = 900;
    private const int MaxIndexKeyBytes = 1700;

    /// <summary>Its client refuses to work where .NET has no cultures (InvariantGlobalization).</summary>
    [Fact]
    public async Task A_connection_gets_as_far_as_the_network()
    {
        await using var connection = new SqlConnection("Server=127.0.0.1,1;Connect Timeout=1;ConnectRetryCount=0");

        await Should.ThrowAsync<SqlException>(() => connection.OpenAsync());

        var settings = await File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "ModelRegistry.Web.runtimeconfig.json"));
        settings.ShouldNotContain("Globalization.Invariant");
    }

    [Fact]
    public async Task X_and_constraints_of_the_script_make_a_valid_database()
    {
        var script = Parse(await ScriptAsync());
        var definitions = new Definitions();
        script.Accept(definitions);
        using var model = new TSqlModel(SqlServerVersion.Sql150, new TSqlModelOptions());

        foreach (var statement in definitions.Found)
            model.AddObjects(TextOf(statement));

        var errors = model.Validate().Where(m => m.MessageType == Microsoft.SqlServer.Dac.DacMessageType.Error);
        errors.Select(e => e.Message).ShouldBeEmpty();
        model.GetObjects(DacQueryScopes.UserDefined, Table.TypeClass).Count().ShouldBe(definitions.Tables);
        model.GetObjects(DacQueryScopes.UserDefined, Microsoft.SqlServer.Dac.Model.Index.TypeClass).Count()
            .ShouldBeGreaterThan(20);
    }

    /// <summary>The server takes a longer key with a warning, and refuses the rows that need it.</summary>
    [Fact]
    public async Task No_key_is_longer_than_an_index_can_hold()
    {
        await using var database = MigratedDatabase.WithoutServer(DatabaseProvider.SqlServer);

        var tooLong = await database.UseAsync(db => Task.FromResult(Keys(db).Where(k => k.Bytes > k.Limit).ToList()));

        tooLong.ShouldBeEmpty();
    }

    [Fact]
    public async Task Text_in_keys_is_compared_by_code_point()
    {
        await using var database = MigratedDatabase.WithoutServer(DatabaseProvider.SqlServer);

        var others = await database.UseAsync(db => Task.FromResult(DesignModel(db).GetEntityTypes()
            .SelectMany(e => e.GetProperties())
            .Where(p => p.ClrType == typeof(string) && (p.IsKey() || p.IsIndex()))
            .Where(p => p.GetCollation() != "Latin1_General_100_BIN2")
            .Select(p => $"{p.DeclaringType.DisplayName()}.{p.Name}").ToList()));

        others.ShouldBeEmpty();
    }

    private static IEnumerable<Key> Keys(RegistryDbContext db)
    {
        foreach (var entity in DesignModel(db).GetEntityTypes().Where(e => !e.IsMappedToJson()))
        {
            foreach (var key in entity.GetKeys())
            {
                var clustered = key.IsClustered() ?? key.IsPrimaryKey();
                yield return new Key(key.GetName()!, Bytes(key.Properties), clustered ? MaxClusteredKeyBytes : MaxIndexKeyBytes);
            }

            foreach (var index in entity.GetIndexes())
            {
                yield return new Key(index.GetDatabaseName()!, Bytes(index.Properties),
                    index.IsClustered() == true ? MaxClusteredKeyBytes : MaxIndexKeyBytes);
            }
        }
    }

    private static IModel DesignModel(RegistryDbContext db) => db.GetService<IDesignTimeModel>().Model;

    private static int Bytes(IEnumerable<IReadOnlyProperty> properties) => properties.Sum(p => Bytes(p.GetColumnType()!));

    private static int Bytes(string type)
    {
        var open = type.IndexOf('(', StringComparison.Ordinal);
        var name = open < 0 ? type : type[..open];
        var size = open < 0 ? "" : type[(open + 1)..^1];
        return name switch
        {
            "nvarchar" or "nchar" => size == "max" ? int.MaxValue / 4 : 2 * int.Parse(size, CultureInfo.InvariantCulture),
            "varbinary" or "binary" or "varchar" =>
                size == "max" ? int.MaxValue / 4 : int.Parse(size, CultureInfo.InvariantCulture),
            "bigint" or "float" => 8,
            "int" or "real" => 4,
            "smallint" => 2,
            "tinyint" or "bit" => 1,
            "uniqueidentifier" => 16,
            "datetimeoffset" => 10,
            _ => throw new InvalidOperationException($"How long is a {type} in a key?"),
        };
    }

    private static async Task<string> ScriptAsync()
    {
        await using var database = MigratedDatabase.WithoutServer(DatabaseProvider.SqlServer);
        return await database.UseAsync(db => Task.FromResult(db.GetService<IMigrator>().GenerateScript()));
    }

    private static TSqlScript Parse(string script)
    {
        var parsed = new TSql150Parser(initialQuotedIdentifiers: true).Parse(new StringReader(script), out var errors);
        errors.Select(e => $"line {e.Line}: {e.Message}").ShouldBeEmpty();
        return (TSqlScript)parsed;
    }

    private static string TextOf(TSqlFragment fragment) => string.Concat(fragment.ScriptTokenStream
        .Skip(fragment.FirstTokenIndex).Take(fragment.LastTokenIndex - fragment.FirstTokenIndex + 1).Select(t => t.Text));

    private sealed record Key(string Name, int Bytes, int Limit);

    private sealed class Definitions : TSqlFragmentVisitor
    {
        public List<TSqlStatement> Found { get; } = [];
        public int Tables => Found.OfType<CreateTableStatement>().Count();

        public override void Visit(CreateTableStatement node) => Found.Add(node);

        public override void Visit(CreateIndexStatement node) => Found.Add(node);

        public override void Visit(AlterTableAddTableElementStatement node) => Found.Add(node);
    }
}
