using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Filtering;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Data;

/// <summary>
/// Which experiments or registered models a user may read, as a test in SQL: <see cref="CurrentUser.On"/> said for lists.
/// The table has the columns id, name, owner_id and is_private.
/// </summary>
public static class Visibility
{
    private const string Everything = "1 = 1";
    private const string Nothing = "1 = 0";

    /// <summary>The experiments or registered models of a table that a user may read, deleted ones too.</summary>
    public static IQueryable<T> Readable<T>(this DbSet<T> objects, CurrentUser user, SecurableKind kind, ReadConnections connections)
        where T : class
    {
        if (user.ReadsEverything)
            return objects.AsNoTracking();
        var values = new List<object>();
        var readable = Sql(user, kind, "o", connections, value =>
        {
            values.Add(value);
            return $"{{{values.Count - 1}}}";
        });
        // Made of names of ours; what came from outside is among the values.
        var sql = $"SELECT o.* FROM {objects.EntityType.GetTableName()} o WHERE {readable}";
        return objects.FromSqlRaw(sql, [.. values]).AsNoTracking();
    }

    public static string Sql(
        CurrentUser user, SecurableKind kind, string alias, ReadConnections connections, Func<object, string> parameter)
    {
        if (user.ReadsEverything)
            return Everything;
        if (!user.Scopes.HasFlag(TokenScope.Read))
            return Nothing;
        var tests = new List<string>();
        var no = connections.Dialect == SqlDialect.PostgreSql ? "FALSE" : "0";
        if (user.Has(RegistryRole.Viewer | RegistryRole.Member))
            tests.Add($"{alias}.is_private = {no}");
        if (user.Id != 0)
            tests.Add($"{alias}.owner_id = {parameter(user.Id)}");
        var grants = user.Grants.Where(g => g.Kind == kind).ToList();
        var ids = grants.Where(g => g.ObjectId is not null).Select(g => g.ObjectId!.Value).Distinct().ToArray();
        if (ids.Length > 0)
            tests.Add(connections.In($"{alias}.id", parameter(connections.Ids(ids))));
        // A pattern's * is LIKE's %; what is special to LIKE is taken literally.
        foreach (var pattern in grants.Where(g => g.ObjectId is null).Select(g => g.Pattern!).Distinct())
        {
            tests.Add(connections.Dialect == SqlDialect.Sqlite
                ? $"{alias}.name GLOB {parameter(pattern.Replace("[", "[[]").Replace("?", "[?]"))}"
                : $@"{alias}.name LIKE {parameter(pattern.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_").Replace("[", @"\[").Replace('*', '%'))} ESCAPE '\'");
        }

        return tests.Count == 0 ? Nothing : $"({string.Join(" OR ", tests)})";
    }
}
