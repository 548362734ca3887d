using ModelRegistry.Core.Retention;

namespace ModelRegistry.Web.Api;

/// <summary>`retention-policies`: what is kept, archived and deleted, and when.</summary>
internal static class RetentionPoliciesApi
{
    /// <param name="Name">Of the policy.</param>
    /// <param name="Model">A model's name, or a pattern with *; for runs the name of their experiment.</param>
    /// <param name="Stage">A pattern of stages; the name of one that MLflow knows covers all that map to it.</param>
    /// <param name="MatchesEverything">Has to be said of a policy without conditions.</param>
    internal sealed record PolicyBody(
        string Name, RetentionSubject Subject, string Description = "", string? Model = null, string? Tag = null, string? TagValue = null,
        string? Stage = null, string? Experiment = null, RetentionTrigger Trigger = RetentionTrigger.Created, string? EventTag = null,
        int? RetainDays = null, DateOnly? RetainUntil = null, int? KeepLast = null, int? ArchiveAfterDays = null,
        int? DeleteAfterDays = null, int WaitDays = 14, bool MatchesEverything = false, int? ProtectUsedDays = null)
    {
        public PolicyText ToText() => new(Name, Description, new RetentionDefinition
        {
            Subject = Subject,
            Name = Model,
            Tag = Tag,
            TagValue = TagValue,
            Stage = Stage,
            Experiment = Experiment,
            Trigger = Trigger,
            EventTag = EventTag,
            RetainDays = RetainDays,
            RetainUntil = RetainUntil,
            KeepLast = KeepLast,
            ProtectUsedDays = ProtectUsedDays,
            ArchiveAfterDays = ArchiveAfterDays,
            DeleteAfterDays = DeleteAfterDays,
            WaitDays = WaitDays,
        }, MatchesEverything);
    }

    internal sealed record PolicyAnswer(long Id, string Name, string Description, int Version, bool Enabled, PolicyBody? Definition,
        string InWords, string Author, DateTimeOffset UpdatedAt, long? LastPreviewId, long? LastRunId);

    internal sealed record ReasonBody(string? Reason = null);

    public static void Map(RouteGroupBuilder api)
    {
        var policies = api.MapGroup("/retention-policies").WithTags("Retention");
        policies.MapGet("", ListAsync).WithSummary("The policies, oldest first").Produces<ListAnswer<PolicyAnswer>>();
        policies.MapPost("", CreateAsync).WithSummary("Write a policy; it is saved disabled")
            .Accepts<PolicyBody>("application/json").Produces<PolicyAnswer>(201);
        policies.MapGet("/{id}", GetAsync).WithSummary("One policy").Produces<PolicyAnswer>();
        policies.MapPut("/{id}", UpdateAsync).WithSummary("Write it anew: a new version, disabled")
            .Accepts<PolicyBody>("application/json").Produces<PolicyAnswer>();
        policies.MapPost("/{id}/preview", PreviewAsync).WithSummary("Evaluate it and change nothing; the report is a retention run")
            .Produces<RetentionRunsApi.RunAnswer>(201);
        policies.MapGet("/{id}/preview", LastPreviewAsync).WithSummary("The last preview, with examples")
            .Produces<RetentionRunsApi.RunDetails>();
        policies.MapPost("/{id}/enable", EnableAsync).WithSummary("Enable it; needs a preview of this version").Produces<PolicyAnswer>();
        policies.MapPost("/{id}/disable", DisableAsync).WithSummary("Disable it; what it had begun is cancelled; {\"reason\": …} may say why")
            .MayHaveBody<ReasonBody>().Produces<PolicyAnswer>();
    }

    private static async Task<IResult> ListAsync(string? maxResults, string? pageToken, RetentionPolicyService policies, CancellationToken ct) =>
        Results.Ok(ListAnswer<PolicyAnswer>.Of(await policies.ListAsync(Paging.Size(maxResults), pageToken, ct), Answer));

    private static async Task<IResult> CreateAsync(HttpContext http, RetentionPolicyService policies, CancellationToken ct)
    {
        var policy = await policies.CreateAsync((await ApiBody.ReadAsync<PolicyBody>(http)).ToText(), ct);
        return Results.Created($"{ApiHosting.Prefix}/retention-policies/{policy.Policy.Id}", Answer(policy));
    }

    private static async Task<IResult> GetAsync(string id, RetentionPolicyService policies, CancellationToken ct) =>
        Results.Ok(Answer(await policies.GetAsync(Id(id), ct)));

    private static async Task<IResult> UpdateAsync(string id, HttpContext http, RetentionPolicyService policies, CancellationToken ct) =>
        Results.Ok(Answer(await policies.UpdateAsync(Id(id), (await ApiBody.ReadAsync<PolicyBody>(http)).ToText(), ct)));

    private static async Task<IResult> PreviewAsync(string id, RetentionRunService runs, CancellationToken ct)
    {
        var run = await runs.PreviewAsync(Id(id), ct);
        return Results.Created($"{ApiHosting.Prefix}/retention-runs/{run.Run.Id}", RetentionRunsApi.Answer(run));
    }

    private static async Task<IResult> LastPreviewAsync(string id, RetentionPolicyService policies, RetentionRunService runs, CancellationToken ct)
    {
        var policy = await policies.GetAsync(Id(id), ct);
        return policy.LastPreview is { } last
            ? Results.Ok(await RetentionRunsApi.DetailsAsync(last.Id, runs, ct))
            : throw new Core.Common.NotFoundException("preview", id, "Nobody has asked for a preview of this policy yet.");
    }

    private static async Task<IResult> EnableAsync(string id, RetentionPolicyService policies, CancellationToken ct) =>
        Results.Ok(Answer(await policies.EnableAsync(Id(id), ct)));

    private static async Task<IResult> DisableAsync(string id, HttpContext http, RetentionPolicyService policies, CancellationToken ct)
    {
        var reason = http.Request.HasJsonContentType() ? (await ApiBody.ReadAsync<ReasonBody>(http)).Reason : null;
        return Results.Ok(Answer(await policies.DisableAsync(Id(id), reason, ct)));
    }

    private static long Id(string id) => ApiBody.Id(RetentionPolicyService.Noun, id);

    private static PolicyAnswer Answer(PolicyRow row)
    {
        var (policy, d) = (row.Policy, row.Definition);
        return new PolicyAnswer(policy.Id, policy.Name, policy.Description, policy.Version, policy.IsEnabled, d is null ? null
            : new PolicyBody(policy.Name, d.Subject, policy.Description, d.Name, d.Tag, d.TagValue, d.Stage, d.Experiment, d.Trigger, d.EventTag,
                d.RetainDays, d.RetainUntil, d.KeepLast, d.ArchiveAfterDays, d.DeleteAfterDays, d.WaitDays, d.MatchesEverything, d.ProtectUsedDays),
            d is null ? "It cannot be read: nothing that it may be about goes." : RetentionWords.Of(d), row.Author, policy.UpdatedMs.ToTime(),
            row.LastPreview?.Id, row.LastRun?.Id);
    }
}
