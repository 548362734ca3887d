using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Promotion;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Web.Api;

/// <summary>`promotion-policies`: what must be there before a version gets a stage or an alias.</summary>
internal static class PromotionPoliciesApi
{
    /// <param name="BetterThanHolder">higher or lower: against the version that is there now, on the same data set digest.</param>
    internal sealed record MetricBody(string Metric, double? Min = null, double? Max = null, string? Dataset = null,
        Direction? BetterThanHolder = null, double Margin = 0);

    internal sealed record TagBody(string Key, IReadOnlyList<string>? Values = null);

    /// <param name="Count">How many must approve.</param>
    /// <param name="From">Who; left out, whoever has the permission to approve.</param>
    internal sealed record ApprovalsBody(int Count, SubjectsBody? From = null);

    /// <param name="Models">A pattern of names: * stands for any run of characters.</param>
    /// <param name="Stage">A pattern of stages, or an alias instead. The name of one that MLflow knows covers all that map to it.</param>
    /// <param name="Alias">A pattern of aliases.</param>
    /// <param name="Movers">Only these move it in or out.</param>
    internal sealed record PolicyBody(string Name, string Models, string? Stage = null, string? Alias = null, string Description = "",
        bool Enabled = true, SubjectsBody? Movers = null, IReadOnlyList<MetricBody>? Metrics = null, IReadOnlyList<TagBody>? Tags = null,
        IReadOnlyList<Requirement>? Requires = null, ApprovalsBody? Approvals = null);

    internal sealed record PolicyAnswer(long Id, int Revision, string Name, string Models, string? Stage, string? Alias, string Description,
        bool Enabled, SubjectsBody? Movers, IReadOnlyList<MetricBody> Metrics, IReadOnlyList<TagBody> Tags,
        IReadOnlyList<Requirement> Requires, ApprovalsBody? Approvals, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

    /// <summary>Nothing: the holders and the newest version of each model that is covered. A model: those of that one.</summary>
    internal sealed record TrialBody(string? Model = null, int? Version = null, string? Alias = null);

    internal sealed record MoveBody(string Model, int Version, string? Stage = null, string? Alias = null);

    internal sealed record CheckAnswer(long PolicyId, string Policy, CheckKind Check, bool Met, string Rule, string Found);

    internal sealed record TrialAnswer(string Model, int Version, string Stage, string Target, bool Met, IReadOnlyList<CheckAnswer> Checks);

    /// <param name="NeedsOnlyPeople">Everything else is there: a request for approval can be made.</param>
    internal sealed record MoveAnswer(bool Allowed, bool NeedsOnlyPeople, IReadOnlyList<CheckAnswer> Checks);

    public static void Map(RouteGroupBuilder api)
    {
        var policies = api.MapGroup("/promotion-policies").WithTags("Promotion");
        policies.MapGet("", ListAsync).WithSummary("The promotion policies, oldest first").Produces<ListAnswer<PolicyAnswer>>();
        policies.MapPost("", CreateAsync).WithSummary("Make a policy").Accepts<PolicyBody>("application/json").Produces<PolicyAnswer>(201);
        policies.MapPost("/evaluate", MoveAsync).WithSummary("What all policies that are on say of a move, check by check; changes nothing")
            .Accepts<MoveBody>("application/json").Produces<MoveAnswer>();
        policies.MapGet("/{id}", GetAsync).WithSummary("One policy").Produces<PolicyAnswer>();
        policies.MapPut("/{id}", UpdateAsync).WithSummary("Replace a policy").Accepts<PolicyBody>("application/json").Produces<PolicyAnswer>();
        policies.MapDelete("/{id}", DeleteAsync).WithSummary("Delete a policy").Produces(204);
        policies.MapPost("/{id}/evaluate", TryAsync).WithSummary("Dry run of one policy, on or off, on versions that are there: all, or those of {model, version, alias}")
            .MayHaveBody<TrialBody>().Produces<ListAnswer<TrialAnswer>>();
    }

    private static async Task<IResult> ListAsync(
        string? maxResults, string? pageToken, PromotionPolicyService policies, PeopleDirectory names, CancellationToken ct)
    {
        var page = await policies.ListAsync(Paging.Size(maxResults), pageToken, ct);
        return Results.Ok(new ListAnswer<PolicyAnswer>(await AnswerAsync(page.Items, names, ct), page.NextPageToken));
    }

    private static async Task<IResult> CreateAsync(
        HttpContext http, PromotionPolicyService policies, UserDirectory users, PeopleDirectory names, CancellationToken ct)
    {
        var policy = await policies.CreateAsync(await InputAsync(await ApiBody.ReadAsync<PolicyBody>(http), policies, users, ct), ct);
        return Results.Created($"{ApiHosting.Prefix}/promotion-policies/{policy.Id}", (await AnswerAsync([policy], names, ct))[0]);
    }

    private static async Task<IResult> GetAsync(string id, PromotionPolicyService policies, PeopleDirectory names, CancellationToken ct) =>
        Results.Ok((await AnswerAsync([await policies.GetAsync(Id(id), ct)], names, ct))[0]);

    private static async Task<IResult> UpdateAsync(
        string id, HttpContext http, PromotionPolicyService policies, UserDirectory users, PeopleDirectory names, CancellationToken ct)
    {
        var input = await InputAsync(await ApiBody.ReadAsync<PolicyBody>(http), policies, users, ct);
        return Results.Ok((await AnswerAsync([await policies.UpdateAsync(Id(id), input, ct)], names, ct))[0]);
    }

    private static async Task<IResult> DeleteAsync(string id, PromotionPolicyService policies, CancellationToken ct)
    {
        await policies.DeleteAsync(Id(id), ct);
        return Results.NoContent();
    }

    private static async Task<IResult> TryAsync(string id, HttpContext http, PromotionPolicyService policies, CancellationToken ct)
    {
        var body = http.Request.ContentLength is > 0 || http.Request.HasJsonContentType() ? await ApiBody.ReadAsync<TrialBody>(http) : new TrialBody();
        if (body is { Version: not null, Model: null })
            throw new InvalidArgumentException("model", "Give the model with the version.");
        var trials = await policies.TryAsync(Id(id), body.Model, body.Version, body.Alias, ct);
        return Results.Ok(new ListAnswer<TrialAnswer>(
            [.. trials.Select(t => new TrialAnswer(t.Model, t.Number, t.Stage.Name, t.Target, t.IsMet, [.. t.Checks.Select(Answer)]))], null));
    }

    private static async Task<IResult> MoveAsync(HttpContext http, PromotionPolicyService policies, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<MoveBody>(http);
        var found = await policies.EvaluateAsync(body.Model, body.Version, new TargetName(body.Stage, body.Alias), ct);
        return Results.Ok(new MoveAnswer(found.IsMet, found.OnlyPeopleAreMissing, [.. found.Checks.Select(Answer)]));
    }

    private static long Id(string id) => ApiBody.Id(PromotionPolicyService.Noun, id);

    private static CheckAnswer Answer(CheckResult c) => new(c.PolicyId, c.Policy, c.Kind, c.IsMet, c.Rule, c.Found);

    private static async Task<PolicyInput> InputAsync(PolicyBody body, PromotionPolicyService policies, UserDirectory users, CancellationToken ct)
    {
        // Before the names are looked up: who may not write policies learns nothing about who is there.
        policies.RequireMayWrite();
        var rules = new PromotionRules
        {
            Movers = body.Movers is null ? null : await body.Movers.ToSetAsync("movers", users, ct),
            Metrics = [.. (body.Metrics ?? []).Select(m => new MetricRule(m.Metric)
            {
                Min = m.Min,
                Max = m.Max,
                Dataset = m.Dataset,
                BetterThanHolder = m.BetterThanHolder,
                Margin = m.Margin,
            })],
            Tags = [.. (body.Tags ?? []).Select(t => new TagRule(t.Key) { Values = t.Values ?? [] })],
            Requires = [.. (body.Requires ?? []).Distinct()],
            Approvals = body.Approvals is null ? null : new ApprovalRule(body.Approvals.Count)
            {
                From = body.Approvals.From is null ? new SubjectSet() : await body.Approvals.From.ToSetAsync("approvals.from", users, ct),
            },
        };
        return new PolicyInput(body.Name, body.Models, body.Stage, body.Alias, rules)
        {
            Description = body.Description,
            IsEnabled = body.Enabled,
        };
    }

    private static async Task<IReadOnlyList<PolicyAnswer>> AnswerAsync(
        IReadOnlyList<PromotionPolicy> policies, PeopleDirectory names, CancellationToken ct)
    {
        var rules = policies.ToDictionary(p => p.Id, p => PromotionRules.Parse(p.Rules));
        var sets = rules.Values.SelectMany(r => new[] { r.Movers, r.Approvals?.From }).OfType<SubjectSet>().ToList();
        var users = await names.AddressesAsync(sets.SelectMany(s => s.Users), ct);
        var teams = await names.TeamsAsync(sets.SelectMany(s => s.Teams), ct);
        return [.. policies.Select(p =>
        {
            var r = rules[p.Id];
            return new PolicyAnswer(p.Id, p.Revision, p.Name, p.ModelPattern, p.StagePattern, p.AliasPattern, p.Description, p.IsEnabled,
                r.Movers?.ToBody(users, teams),
                [.. r.Metrics.Select(m => new MetricBody(m.Metric, m.Min, m.Max, m.Dataset, m.BetterThanHolder, m.Margin))],
                [.. r.Tags.Select(t => new TagBody(t.Key, t.Values))], r.Requires,
                r.Approvals is { } a ? new ApprovalsBody(a.Count, a.From.IsEmpty ? null : a.From.ToBody(users, teams)) : null,
                p.CreatedMs.ToTime(), p.UpdatedMs.ToTime());
        })];
    }
}
