using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Registry;

/// <param name="Was">What the stage was called before, where it gets another name.</param>
public sealed record StageEdit(string Name, ModelStage Kind, string? Was = null);

/// <param name="IsDefault">What moves by the name of the kind goes here.</param>
/// <param name="Versions">How many are in it.</param>
public sealed record StageRow(VersionStage Stage, bool IsDefault, int Versions);

/// <param name="IsBuiltIn">The model has no list of its own.</param>
/// <param name="Revision">Goes up with each change.</param>
public sealed record ModelStages(string ModelName, int Revision, bool IsBuiltIn, Permission Allowed, IReadOnlyList<StageRow> Rows);

/// <summary>
/// The stages of a model. Who manages the model changes them, under the lock that its moves are made under: nothing
/// moves into a stage that goes at the same moment.
/// </summary>
public sealed class ModelStageService(RegistryWork work)
{
    private const int MaxNamed = 10;

    public async Task<ModelStages> GetAsync(string name, CancellationToken ct)
    {
        var model = await work.GetModelAsync(name, Permission.Read, ct);
        var counts = await work.Db.ModelVersions.Where(v => v.ModelId == model.Id && v.DeletedMs == null)
            .GroupBy(v => v.StageName).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(c => c.Key, c => c.Count, ct);
        var list = model.Stages;
        return new ModelStages(model.Name, model.StagesRevision, list.IsBuiltIn, work.User.On(model.AsSecurable()),
            [.. list.Stages.Select(s => new StageRow(s, list.IsDefault(s), counts.GetValueOrDefault(s.Name)))]);
    }

    /// <summary>Replaces the list. A stage with a new name keeps its versions and its history.</summary>
    /// <param name="revision">Of the list that the change was made from; null where it does not matter.</param>
    /// <exception cref="ConflictException">The list has changed meanwhile, or a stage that goes, or counts as something
    /// else, is in use.</exception>
    public async Task<ModelStages> ReplaceAsync(
        string name, IReadOnlyList<StageEdit> edits, int? revision, string? reason, CancellationToken ct)
    {
        var after = StageList.Create([.. edits.Select(e => new VersionStage(e.Name, e.Kind))]);
        NameRules.RequireMaxLength("reason", reason ?? "", 2000);
        await using (var write = await work.Db.BeginWriteAsync(ct))
        {
            var model = await work.LockModelAsync(name, Permission.Manage, ct);
            if (revision is { } seen && seen != model.StagesRevision)
            {
                throw new ConflictException(RegistryWork.ModelNoun, name,
                    "The stages were changed by somebody else meanwhile. Look at them again and repeat your change.");
            }

            var before = model.Stages;
            if (before.Stages.SequenceEqual(after.Stages))
                return await GetAsync(name, ct);
            var changes = Changes(before, edits);
            await RequireUnusedAsync(model, [.. changes.Where(c => c.IsMoreThanAName).Select(c => c.Before)], ct);
            await work.Gate.RequireStagesAsync(model, changes, ct);
            await RenameAsync(model, changes, ct);
            work.Record(model, "stages-changed", Audited(before), Audited(after), string.IsNullOrWhiteSpace(reason) ? null : reason);
            model.StageList = after.ToJson();
            model.StagesRevision++;
            model.UpdatedMs = work.NowMs;
            await work.Db.SaveChangesAsync(ct);
            await write.CommitAsync(ct);
        }

        return await GetAsync(name, ct);
    }

    /// <summary>Back to the four that every model has.</summary>
    public Task<ModelStages> ResetAsync(string name, string? reason, CancellationToken ct) =>
        ReplaceAsync(name, [.. VersionStage.BuiltIn.Select(s => new StageEdit(s.Name, s.Kind))], null, reason, ct);

    private static List<StageChange> Changes(StageList before, IReadOnlyList<StageEdit> edits)
    {
        var left = before.Stages.ToList();
        var changes = new List<StageChange>();
        for (var i = 0; i < edits.Count; i++)
        {
            var (field, edit) = (FormattableString.Invariant($"items[{i}].was"), edits[i]);
            var was = edit.Was is null ? before.Find(edit.Name) : before.Find(edit.Was)
                ?? throw new InvalidArgumentException(field, $"The model has no stage '{NameRules.Shorten(edit.Was, 100)}'.");
            if (was is null)
                continue;
            if (!left.Remove(was))
                throw new InvalidArgumentException(field, $"Two stages were the stage '{was}' before.");
            // A name that is given on at once would take the versions of both for those of one.
            if (edit.Was is not null && was.Name != edit.Name && before.Find(edit.Name) is { } other && other != was)
                throw new InvalidArgumentException(field, $"'{other}' is the name of another stage: rename that one first, in a change of its own.");
            var now = new VersionStage(edit.Name, edit.Kind);
            if (now != was)
                changes.Add(new StageChange(was, now));
        }

        changes.AddRange(left.Select(s => new StageChange(s, null)));
        return changes;
    }

    // What is in the trash counts too: it would come back to a stage that is not there.
    private async Task RequireUnusedAsync(RegisteredModel model, List<VersionStage> stages, CancellationToken ct)
    {
        var names = stages.Select(s => s.Name).ToList();
        if (names.Count == 0)
            return;
        var users = await work.Db.ModelVersions.Where(v => v.ModelId == model.Id && names.Contains(v.StageName))
            .OrderBy(v => v.Number).Select(v => new { v.Number, v.StageName, IsDeleted = v.DeletedMs != null }).Take(1000).ToListAsync(ct);
        if (users.Count == 0)
            return;
        var stage = users[0].StageName;
        var inIt = users.Where(v => v.StageName == stage).ToList();
        var versions = string.Join(", ", inIt.Take(MaxNamed).Select(v => v.Number.ToString(CultureInfo.InvariantCulture) + (v.IsDeleted ? " (in the trash)" : "")));
        throw new ConflictException(RegistryWork.ModelNoun, model.Name, $"The stage '{stage}' is in use by version{(inIt.Count == 1 ? "" : "s")} {versions}"
            + (inIt.Count > MaxNamed ? $" and {inIt.Count - MaxNamed} more" : "") + ": move what is in it first. It can get another name meanwhile.");
    }

    private async Task RenameAsync(RegisteredModel model, List<StageChange> changes, CancellationToken ct)
    {
        foreach (var change in changes.Where(c => c.After is not null && c.After.Name != c.Before.Name))
        {
            var (from, to) = (change.Before.Name, change.After!.Name);
            await work.Db.ModelVersions.Where(v => v.ModelId == model.Id && v.StageName == from)
                .ExecuteUpdateAsync(set => set.SetProperty(v => v.StageName, to), ct);
            work.Db.Add(new StageRename { ModelId = model.Id, From = from, To = to, AtMs = work.NowMs });
        }
    }

    private static object Audited(StageList list) => new { Stages = list.Stages.Select(s => new { s.Name, MapsTo = s.Kind }) };
}
