using System.Globalization;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Web.Api;

/// <summary>`models/{name}/stages`: the stages of a model, and how a version gets into one by its name.</summary>
internal static class ModelStagesApi
{
    /// <summary>The four that MLflow's clients know.</summary>
    internal enum MlflowStage
    {
        None,
        Staging,
        Production,
        Archived,
    }

    /// <param name="MapsTo">What MLflow's clients are told; a policy for it holds for this stage too.</param>
    /// <param name="Was">What the stage was called, where it gets another name: it keeps its versions and its history.</param>
    internal sealed record StageBody(string Name, MlflowStage MapsTo, string? Was = null);

    /// <param name="Items">All of them, in their order: the first that maps to a stage of MLflow's is where its clients' moves go.</param>
    /// <param name="Revision">Of the list that this was made from: where it has changed since, the answer is 409.</param>
    internal sealed record StagesBody(IReadOnlyList<StageBody> Items, int? Revision = null, string? Reason = null);

    /// <param name="IsDefault">MLflow's clients get here by the name that it maps to.</param>
    /// <param name="Versions">How many are in it.</param>
    internal sealed record StageAnswer(string Name, MlflowStage MapsTo, bool IsDefault, int Versions);

    /// <param name="BuiltIn">The model has no list of its own.</param>
    internal sealed record StagesAnswer(bool BuiltIn, int Revision, IReadOnlyList<StageAnswer> Items, string? NextPageToken);

    /// <param name="Stage">A stage of the model, in any case; the name of one that MLflow knows is the first that maps to it.</param>
    /// <param name="ArchiveExisting">The versions that are in the stage go to the one that maps to archived.</param>
    internal sealed record MoveBody(string Stage, bool ArchiveExisting = false, string? Reason = null);

    internal sealed record VersionStageAnswer(string Model, int Version, string Stage, MlflowStage MapsTo);

    public static void Map(RouteGroupBuilder api)
    {
        var models = api.MapGroup("/models/{name}").WithTags("Stages");
        models.MapGet("/stages", GetAsync).WithSummary("The stages of a model, in their order").Produces<StagesAnswer>();
        models.MapPut("/stages", ReplaceAsync).WithSummary("Replace the list; a stage that is in use stays, or gets another name (was)")
            .Accepts<StagesBody>("application/json").Produces<StagesAnswer>();
        models.MapDelete("/stages", ResetAsync).WithSummary("Back to the four that every model has").Produces(204);
        models.MapPost("/versions/{version}/stage", MoveAsync).WithSummary("Move a version into a stage by its name")
            .Accepts<MoveBody>("application/json").Produces<VersionStageAnswer>();
    }

    private static async Task<IResult> GetAsync(string name, ModelStageService stages, CancellationToken ct) =>
        Results.Ok(Answer(await stages.GetAsync(name, ct)));

    private static async Task<IResult> ReplaceAsync(string name, HttpContext http, ModelStageService stages, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<StagesBody>(http);
        return Results.Ok(Answer(await stages.ReplaceAsync(
            name, [.. body.Items.Select(i => new StageEdit(i.Name, (ModelStage)i.MapsTo, i.Was))], body.Revision, body.Reason, ct)));
    }

    private static async Task<IResult> ResetAsync(string name, ModelStageService stages, CancellationToken ct)
    {
        await stages.ResetAsync(name, reason: null, ct);
        return Results.NoContent();
    }

    private static async Task<IResult> MoveAsync(string name, string version, HttpContext http, ModelVersionService versions, CancellationToken ct)
    {
        var number = int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
        var body = await ApiBody.ReadAsync<MoveBody>(http);
        var moved = await versions.TransitionAsync(name, number, body.Stage, body.ArchiveExisting, body.Reason, ct);
        return Results.Ok(new VersionStageAnswer(moved.Model.Name, moved.Number, moved.StageName, (MlflowStage)moved.Stage));
    }

    private static StagesAnswer Answer(ModelStages found) => new(found.IsBuiltIn, found.Revision,
        [.. found.Rows.Select(r => new StageAnswer(r.Stage.Name, (MlflowStage)r.Stage.Kind, r.IsDefault, r.Versions))], null);
}
