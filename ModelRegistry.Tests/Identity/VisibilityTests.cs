using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Registry;
using ModelRegistry.Tests.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Identity;

/// <summary>The rules say the same of one object in memory and of a list in SQL.</summary>
public sealed class VisibilityTests
{
    // Everything that means something to one of the three: LIKE, GLOB, or .NET's own matching.
    private static readonly Gen<string> Text = Gen.Char["abA*?%_[]\\^-é"].Array[0, 5].Select(c => new string(c));

    private static readonly Gen<CurrentUser> Users =
        Gen.Select(Gen.Int[0, 31], Gen.Long[1, 3], Gen.Int[0, 31],
            Gen.Select(Gen.Bool, Gen.Long[1, 12], Text, Gen.Bool).Array[0, 4])
        .Select((roles, id, scopes, grants) => new CurrentUser
        {
            Id = id,
            Name = "somebody",
            Roles = (RegistryRole)roles,
            Scopes = (TokenScope)scopes,
            Grants = [.. grants.Select(g => new GrantRule(
                g.Item4 ? SecurableKind.RegisteredModel : SecurableKind.Experiment,
                g.Item1 ? g.Item2 : null, g.Item1 ? null : g.Item3, Permission.Edit))],
        });

    [SkippableTheory, OnEachDatabase]
    public async Task A_list_shows_exactly_what_may_be_read(DatabaseProvider provider)
    {
        await using var database = await MigratedDatabase.CreateAsync(provider);
        string[] names =
            ["a", "A", "b", "ab", "aB", "a*", "a?", "*", "?", "%", "a%b", "_", "a_b", "[a]", "[", "]", "[^a]", "^", "\\", "a\\b", @"\*", "-", "é", "aé", "a-b"];
        await database.UseAsync(async db =>
        {
            db.AddRange(names.Select((n, i) => new RegisteredModel { Name = n, OwnerId = 1 + i % 4, IsPrivate = i % 3 != 0 }));
            await db.SaveChangesAsync();
        });
        var models = await database.UseAsync(db => Task.FromResult(db.RegisteredModels.ToList()));
        var connections = database.Services.GetRequiredService<ReadConnections>();

        await Users.SampleAsync(async user =>
        {
            var expected = models.Where(m => user.May(Permission.Read, m.AsSecurable())).Select(m => m.Name).Order().ToList();
            var found = await database.UseAsync(db =>
            {
                var values = new List<object>();
                var readable = Visibility.Sql(user, SecurableKind.RegisteredModel, "m", connections, value =>
                {
                    values.Add(value);
                    return $"{{{values.Count - 1}}}";
                });
                var sql = $"SELECT m.* FROM registered_models m WHERE {readable}";
                return db.RegisteredModels.FromSqlRaw(sql, [.. values]).Select(m => m.Name).ToListAsync();
            });

            found.Order().ToList().ShouldBe(expected);
        }, iter: 150, threads: 1);
    }
}
