using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Notices;
using ModelRegistry.Core.Promotion;

namespace ModelRegistry.Web.Pages.Components;

public sealed record RailItem(string Text, string Href, string Icon, InstanceRight? Right = null)
{
    /// <summary>How many things wait for this person there; 0 shows nothing.</summary>
    public int Waiting { get; init; }
}

public sealed record RailGroup(string Title, IReadOnlyList<RailItem> Items);

/// <summary>
/// What every page shows around its content: the rail with what this person may open, and the theme. An entry appears
/// with the page that it leads to.
/// </summary>
public sealed class Frame(IHttpContextAccessor http, CurrentUserHolder caller, EndpointDataSource endpoints, ApprovalService approvals, NoticeService notices)
{
    public const string ThemeCookie = "theme";

    private static readonly RailGroup[] All =
    [
        new("Models",
        [
            new("Models", "/models", "cube"),
        ]),
        new("Experiments",
        [
            new("Experiments", "/experiments", "flask"),
        ]),
        new("Data and deployments",
        [
            new("Data sets", "/datasets", "data"),
            new("Deployments", "/deployments", "rocket"),
        ]),
        new("Governance",
        [
            new("Approvals", "/governance/approvals", "check"),
            new("Promotion", "/governance/promotion", "arrow-right"),
            new("Retention", "/governance/policies", "shield", InstanceRight.ViewAudit),
            new("Holds and locks", "/governance/holds", "lock", InstanceRight.ViewAudit),
            new("Trash", "/governance/trash", "trash"),
            new("Erasure", "/governance/erasure", "user", InstanceRight.ViewAudit),
            new("How it stood", "/governance/history", "clock"),
            new("Access", "/governance/access", "key"),
            new("Inventory", "/governance/inventory", "archive", InstanceRight.ViewAudit),
            new("To look at", "/governance/review", "search", InstanceRight.ViewAudit),
            new("Activity", "/audit", "activity", InstanceRight.ViewAudit),
        ]),
        new("Admin",
        [
            new("Users", "/admin/users", "user", InstanceRight.Administer),
            new("Teams", "/admin/teams", "users", InstanceRight.Administer),
            new("Settings", "/admin/settings", "gear", InstanceRight.Administer),
            new("Jobs", "/admin/jobs", "clock", InstanceRight.Administer),
            new("Storage", "/admin/storage", "data", InstanceRight.Administer),
        ]),
    ];

    private CurrentUser? _user;
    private bool _asked;

    /// <summary>Null where nobody is signed in.</summary>
    public CurrentUser? User
    {
        get
        {
            if (!_asked)
            {
                _asked = true;
                _user = http.HttpContext?.User.Identity?.IsAuthenticated == true ? caller.User : null;
            }

            return _user;
        }
    }

    /// <summary>`light`, `dark`, or null: as the system has it.</summary>
    public string? Theme => http.HttpContext?.Request.Cookies[ThemeCookie] is "light" or "dark"
        ? http.HttpContext.Request.Cookies[ThemeCookie]
        : null;

    public string Path => http.HttpContext?.Request.Path.Value ?? "/";

    public IEnumerable<RailGroup> Groups => User is { } user
        ? All.Select(g => g with { Items = [.. g.Items.Where(i => Exists(i.Href) && (i.Right is not { } r || user.May(r)))] })
            .Where(g => g.Items.Count > 0)
        : [];

    /// <summary>The groups with what waits for this person.</summary>
    public async Task<IReadOnlyList<RailGroup>> GroupsAsync(CancellationToken ct)
    {
        var groups = Groups.ToList();
        // The page that says that something broke must not break over this.
        var waiting = http.HttpContext?.Response.StatusCode < 500 && User is { } user && user.Scopes.HasFlag(TokenScope.Govern) ? await approvals.CountWaitingAsync(ct) : 0;
        return waiting == 0
            ? groups
            : [.. groups.Select(g => g with { Items = [.. g.Items.Select(i => i.Href == "/governance/approvals" ? i with { Waiting = waiting } : i)] })];
    }

    /// <summary>How many notices were not read; none is counted on a page that says that something broke.</summary>
    public async Task<int> UnreadAsync(CancellationToken ct) =>
        User is not null && http.HttpContext?.Response.StatusCode < 500 ? await notices.CountUnreadAsync(ct) : 0;

    public bool IsCurrent(RailItem item, string? section) => section is null
        ? Path == item.Href || Path.StartsWith(item.Href + "/", StringComparison.OrdinalIgnoreCase)
        : section == item.Href;

    public bool Exists(string href) => endpoints.Endpoints.OfType<RouteEndpoint>().Any(e =>
        string.Equals(e.RoutePattern.RawText?.Trim('/'), href.Trim('/'), StringComparison.OrdinalIgnoreCase)
        || e.RoutePattern.RawText?.Trim('/').StartsWith(href.Trim('/') + "/{*", StringComparison.OrdinalIgnoreCase) == true);
}
