using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Notices;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Notices;

/// <summary>What waits for this person: approvals, what will be deleted, tokens that end.</summary>
public sealed class NoticesPage(NoticeService notices, PeopleDirectory people) : RegistryPage
{
    private const int PageSize = 50;

    public Page<Notice> Found { get; private set; } = Page<Notice>.Empty;
    public bool UnreadOnly => Table.Get("show") == "unread";

    public static (string Icon, string Tone, string Word) Looks(NoticeKind kind) => kind switch
    {
        NoticeKind.ApprovalWanted => ("check", "amber", "decision"),
        NoticeKind.ApprovalDecided => ("check", "green", "approval"),
        NoticeKind.ApprovalExpired => ("clock", "slate", "approval"),
        NoticeKind.RetentionDue => ("trash", "red", "retention"),
        NoticeKind.TokenExpires => ("key", "amber", "token"),
        _ => ("key", "slate", "token"),
    };

    public string? ActorOf(Notice notice) => notice.ActorId is { } id ? people.NameOf(id) : null;

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        Found = await notices.ListAsync(UnreadOnly, PageSize, Table.PageToken, ct);
        await people.LoadAsync(Found.Items.Select(n => n.ActorId).OfType<long>(), ct);
        return Page();
    }

    /// <summary>Leads to what the notice is about, which is read by that.</summary>
    public async Task<IActionResult> OnPostOpenAsync(string? id, CancellationToken ct) =>
        LocalRedirect(Request.PathBase + (await notices.ReadAsync(id ?? "", ct)).Path);

    public async Task<IActionResult> OnPostReadAsync(string? id, CancellationToken ct)
    {
        await notices.ReadAsync(id ?? "", ct);
        return LocalRedirect(Request.PathBase + Table.FirstPage);
    }

    public async Task<IActionResult> OnPostReadAllAsync(CancellationToken ct)
    {
        var count = await notices.ReadAllAsync(ct);
        return Done(count == 0 ? "There was nothing unread." : "All are marked as read.");
    }
}
