using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Governance;
using ModelRegistry.Core.Identity;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Promotion;

/// <summary>Time travel: the stages and aliases of a moment of the reader's calendar.</summary>
public sealed class HistoryPage(HistoryService history, PeopleDirectory people, ReaderClock clock, TimeProvider time) : RegistryPage
{
    private const int PageSize = 100;

    public Page<ModelThen> Found { get; private set; } = Page<ModelThen>.Empty;
    public long AtMs { get; private set; }
    public string? Problem { get; private set; }
    public string? AtText => Table.Get("at");

    public string NameOf(long userId) => people.NameOf(userId);

    public string NamesOf(IReadOnlyList<long> userIds) => userIds.Count == 0 ? "—" : string.Join(", ", userIds.Select(people.NameOf));

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        AtMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (AtText is { Length: > 0 } text)
        {
            if (!DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) || at.Year is < 1970 or > 9000)
            {
                Problem = "Write it as a day and a time, such as 2026-11-24T09:00.";
                return Page();
            }

            AtMs = new DateTimeOffset(at, clock.Zone.GetUtcOffset(at)).ToUnixTimeMilliseconds();
        }
        else if (Table.PageToken is not null)
        {
            // A page of another moment does not follow.
            return LocalRedirect(Table.FirstPage);
        }

        if (TableExport.IsAsked(Request))
        {
            var all = await TableExport.AllAsync(token => ReadAsync(500, token, ct));
            await LoadAsync(all, ct);
            return TableExport.Result(Request, "history", ["model", "deleted since", "what", "version", "since", "moved by", "approved by"], all.SelectMany(m =>
                m.Versions.Select(v => new object?[] { m.Name, m.IsGone, v.Stage.Name, v.Number, ReaderClock.Iso(v.SinceMs), NameOf(v.ByUserId), NamesOf(v.ApprovedBy) })
                    .Concat(m.Aliases.Select(a => new object?[] { m.Name, m.IsGone, "@" + a.Alias, a.Number, ReaderClock.Iso(a.SinceMs), NameOf(a.ByUserId), NamesOf(a.ApprovedBy) }))));
        }

        Found = await ReadAsync(PageSize, Table.PageToken, ct);
        await LoadAsync(Found.Items, ct);
        return Page();
    }

    private Task<Page<ModelThen>> ReadAsync(int size, string? token, CancellationToken ct) =>
        history.AtAsync(AtMs, Table.Get("model"), everything: false, size, token, ct);

    private Task LoadAsync(IEnumerable<ModelThen> models, CancellationToken ct) => people.LoadAsync(models.SelectMany(m =>
        m.Versions.SelectMany(v => v.ApprovedBy.Append(v.ByUserId)).Concat(m.Aliases.SelectMany(a => a.ApprovedBy.Append(a.ByUserId)))), ct);
}
