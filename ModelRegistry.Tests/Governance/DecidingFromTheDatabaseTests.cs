using System.Globalization;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Notices;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Retention;
using ModelRegistry.Core.Webhooks;
using ModelRegistry.Tests.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Governance;

/// <summary>
/// Random worlds and random policies, stored and read back: what is decided from the tables is what the engine decides from
/// the facts that were put in, for thousands of pairs on each database.
/// </summary>
public sealed class DecidingFromTheDatabaseTests
{
    private const int Versions = 150;
    private const int Worlds = 40;

    [SkippableTheory, OnEachDatabase]
    public async Task The_tables_say_what_was_put_into_them(DatabaseProvider provider)
    {
        await using var database = await MigratedDatabase.CreateAsync(provider, services => services
            .AddSingleton(TimeProvider.System).AddNotices(MailOptions.Off).AddSingleton<EventOutbox>().AddScoped<FactsReader>()
            .AddScoped<RetentionNotices>().AddScoped<RetentionEvaluation>());
        var today = UtcDay.Of(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        var random = new Random(7);
        var facts = await database.UseAsync(db => FillAsync(db, random, today));
        var seed = 0u;
        for (var world = 0; world < Worlds; world++)
        {
            var rules = Generate(ref seed).Select(r => r with { Definition = AtToday(r.Definition!, today) }).ToList();
            if (rules.Count == 0)
                continue;
            var (decided, ids) = await EvaluateAsync(database, rules);
            var engine = new RuleEngine([.. rules.Select((r, i) => r with { PolicyId = ids[i] })], today);
            foreach (var item in facts)
            {
                var expected = engine.Decide(item);
                // The report is of the last policy: it holds what that is about.
                if (new RetentionRule(ids[^1], rules[^1].Definition).Covers(item) != true)
                {
                    decided.ShouldNotContainKey(item.Name);
                    continue;
                }

                var mine = expected.Action == RetentionAction.Keep || expected.PolicyId == ids[^1];
                decided[item.Name].ShouldBe((mine ? expected.Action : RetentionAction.Keep, expected.Rule), $"{item.Name} in world {world}: {item}");
            }
        }
    }

    private static async Task<(Dictionary<string, (RetentionAction, PrecedenceRule)> Decided, List<long> Ids)> EvaluateAsync(
        MigratedDatabase database, List<RetentionRule> rules)
    {
        var (runId, ids) = await database.UseAsync(async db =>
        {
            await db.RetentionRuns.ExecuteDeleteAsync();
            await db.RetentionPolicyVersions.ExecuteDeleteAsync();
            await db.RetentionPolicies.ExecuteDeleteAsync();
            var policies = rules.Select((r, i) => new RetentionPolicy { PolicyUuid = Guid.NewGuid(), Name = $"p{i}", Version = 1, Definition = r.Definition!.ToJson(), IsEnabled = true }).ToList();
            db.AddRange(policies);
            await db.SaveChangesAsync();
            db.Add(new RetentionPolicyVersion { PolicyId = policies[^1].Id, Version = 1, Definition = policies[^1].Definition });
            var run = new RetentionRun { PolicyId = policies[^1].Id, PolicyVersion = 1, IsPreview = true, State = RetentionRunState.Evaluating };
            db.Add(run);
            await db.SaveChangesAsync();
            return (run.Id, policies.Select(p => p.Id).ToList());
        });
        await using var scope = database.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<RetentionEvaluation>().RunAsync(runId, () => Task.FromResult(true), default);
        var items = await database.UseAsync(db => db.RetentionItems.AsNoTracking().Where(i => i.RunId == runId).ToListAsync());
        (await database.UseAsync(db => db.RetentionRuns.AsNoTracking().SingleAsync(r => r.Id == runId))).State.ShouldBe(RetentionRunState.Report);
        return (items.ToDictionary(i => i.Name, i => (i.Action, i.Rule)), ids);
    }

    private static List<RetentionRule> Generate(ref uint seed)
    {
        var pcg = new PCG(1, seed++);
        return [.. RetentionGenerators.Rules.Generate(pcg, null, out _).Where(r => RetentionDefinition.FromJson(r.Definition!.ToJson()) is not null)];
    }

    private static RetentionDefinition AtToday(RetentionDefinition d, int today) => d.RetainUntil is { } until
        ? d with { RetainUntil = until.AddDays(today - RetentionGenerators.Today) } : d;

    /// <summary>Stores them, and gives the facts that they come to, newest first.</summary>
    private static async Task<List<ItemFacts>> FillAsync(RegistryDbContext db, Random random, int today)
    {
        var models = new[] { "churn", "churn-b", "fraud" }.Select(n => new RegisteredModel { Name = n, LastVersion = Versions }).ToList();
        models[1].Tags.Add(new RegisteredModelTag { Key = "team", Value = "b" });
        db.AddRange(models);
        await db.SaveChangesAsync();
        var versions = Enumerable.Range(1, Versions).Select(i => new ModelVersion
        {
            VersionUuid = Guid.NewGuid(),
            ModelId = models[i % 3].Id,
            Number = i,
            Stage = (ModelStage)random.Next(4),
            StageName = "",
            Status = random.Next(8) == 0 ? ModelVersionStatus.PendingRegistration : ModelVersionStatus.Ready,
            Source = "s3://x",
            StorageLocation = "s3://x",
            CreatedMs = (today - random.Next(60)) * 86_400_000L + random.Next(86_400_000),
            ArchivedMs = random.Next(6) == 0 ? 1 : null,
        }).ToList();
        foreach (var version in versions)
            version.StageName = random.Next(3) == 0 ? new[] { "Draft", "Shadow", "Canary", "Retired" }[(int)version.Stage] : version.Stage.ToString();
        // Some were copied from others.
        foreach (var copy in versions.Where(_ => random.Next(12) == 0))
        {
            var from = versions[random.Next(Versions)];
            copy.Source = string.Create(CultureInfo.InvariantCulture, $"models:/{models[(from.Number) % 3].Name}/{from.Number}");
        }

        foreach (var version in versions)
        {
            db.Add(version);
            await db.SaveChangesAsync();
        }

        var facts = new List<ItemFacts>();
        var sources = versions.Select(v => v.Source).ToHashSet();
        var holdOnModel = models[2];
        foreach (var version in Enumerable.Reverse(versions))
        {
            var model = models.Single(m => m.Id == version.ModelId);
            var name = string.Create(CultureInfo.InvariantCulture, $"{model.Name}/{version.Number}");
            var tags = model.Tags.ToDictionary(t => t.Key, t => t.Value);
            Tag("team", random.Next(3) == 0 ? "a" : null);
            Tag("withdrawn", random.Next(5) == 0 ? Day(today + random.Next(-20, 20)) : null);
            Tag(RuleEngine.KeepUntilTag, random.Next(10) == 0 ? Day(today + random.Next(-5, 5)) : null);
            Tag(RuleEngine.DeleteOnTag, random.Next(10) == 0 ? Day(today + random.Next(-5, 5)) : null);
            int? retired = null;
            if (version.Stage == ModelStage.Archived && random.Next(4) > 0)
            {
                retired = today - random.Next(40);
                db.Add(new StageTransition { ModelId = model.Id, VersionId = version.Id, Number = version.Number, To = ModelStage.Archived, AtMs = retired.Value * 86_400_000L });
            }

            var aliased = random.Next(12) == 0;
            if (aliased)
                db.Add(new RegisteredModelAlias { ModelId = model.Id, Alias = $"a{version.Number}", VersionId = version.Id, Number = version.Number });
            var held = random.Next(12) == 0;
            if (held || random.Next(12) == 0)
                db.Add(Hold(HoldTarget.ModelVersion, version.Id, name, released: !held));
            var damaged = random.Next(15) == 0;
            var root = new ArtifactRoot { Key = version.FilesKey };
            var blob = new ArtifactBlob { Sha256 = Guid.NewGuid().ToByteArray(), DamagedMs = damaged ? 1 : null };
            db.AddRange(root, blob);
            await db.SaveChangesAsync();
            db.Add(new ArtifactFile { RootId = root.Id, Path = "f", BlobId = blob.Id });
            var created = UtcDay.Of(version.CreatedMs);
            facts.Add(new ItemFacts
            {
                Subject = RetentionSubject.ModelVersions,
                Id = version.Id,
                Name = name,
                ContainerId = model.Id,
                ContainerName = model.Name,
                CreatedDay = created,
                FinalisedDay = created,
                RetiredDay = retired,
                IsFinished = version.Status != ModelVersionStatus.PendingRegistration,
                IsArchived = version.ArchivedMs is not null,
                Tags = tags,
                Stage = version.InStage,
                IsHeld = held,
                HasAlias = aliased,
                IsPendingApproval = false,
                IsReferenced = sources.Contains("models:/" + name),
                IsDamaged = damaged,
            });

            void Tag(string key, string? value)
            {
                if (value is null)
                    return;
                tags[key] = value;
                db.Add(new ModelVersionTag { VersionId = version.Id, Key = key, Value = value });
            }
        }

        // Released: it says nothing any more.
        db.Add(Hold(HoldTarget.RegisteredModel, holdOnModel.Id, holdOnModel.Name, released: true));
        await db.SaveChangesAsync();
        return facts;
    }

    private static LegalHold Hold(HoldTarget target, long id, string name, bool released) => new()
    {
        HoldUuid = Guid.NewGuid(),
        Matter = "m",
        Reason = "r",
        Target = target,
        TargetId = id,
        TargetName = name,
        ReleasedMs = released ? 1 : null,
    };

    private static string Day(int day) => UtcDay.ToDate(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
