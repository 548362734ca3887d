using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Governance;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Promotion;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Promotion;

/// <summary>Effective access: who can do what with an object, and why.</summary>
public sealed class AccessPage(
    SecurableDirectory objects, EffectiveAccessService access, PromotionPolicyService policies) : RegistryPage
{
    private const int PageSize = 50;

    public Page<EffectiveAccess> Found { get; private set; } = Page<EffectiveAccess>.Empty;
    public IReadOnlyList<(PromotionPolicy Policy, IReadOnlyList<string> Lines)> Movers { get; private set; } = [];
    public string? Problem { get; private set; }
    public bool IsExperiment => Table.Get("kind") == "experiment";
    public string? ObjectId => Table.Get("object")?.Trim();

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (ObjectId is not { Length: > 0 } id)
            return Page();
        try
        {
            var on = await objects.GetAsync(IsExperiment ? SecurableKind.Experiment : SecurableKind.RegisteredModel, id, ct);
            Found = await access.ListAsync(on.Securable, PageSize, Table.PageToken, on.NotFound, ct);
            if (IsExperiment)
                return Page();
            var covering = await policies.OfModelAsync(id, ct);
            var words = await policies.WordsAsync(covering, ct);
            Movers = [.. covering.Select(p => (p, (IReadOnlyList<string>)[.. PolicyText.ReadBack(p, words)]))];
        }
        catch (Exception e) when (e is NotFoundException or ForbiddenException)
        {
            Problem = e.Message;
        }

        return Page();
    }

    public static IEnumerable<string> Words(Permission permissions) => Enum.GetValues<Permission>()
        .Where(p => p is not (Permission.None or Permission.All) && permissions.HasFlag(p)).Select(p => p.ToString().ToLowerInvariant());

    public static string Words(AccessReason reason) => reason.Kind switch
    {
        AccessReasonKind.Role => "Role " + (Enum.TryParse<RegistryRole>(reason.Name, out var role) ? string.Join(", ", RoleNames.Of(role)) : reason.Name),
        AccessReasonKind.Ownership => "Owner",
        AccessReasonKind.Team => $"Grant to the team {reason.Name}" + On(reason),
        _ => "Grant" + On(reason),
    };

    private static string On(AccessReason reason) => reason.Pattern is null ? "" : $" on {reason.Pattern}";
}
