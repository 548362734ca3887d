using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>A message for the page after a redirect.</summary>
/// <param name="Kind">success, info, warning or danger.</param>
public sealed record Toast(string Message, string Kind = "success")
{
    public const string Key = "toast";
    /// <summary>A handler that takes the act back: its form is posted to this address.</summary>
    public string? UndoUrl { get; init; }
}

/// <summary>A page that can show itself again after a refused form: with what was typed, the message at its field.</summary>
public interface IShowAgain
{
    Task ShowAgainAsync(CancellationToken ct);
}

public abstract class RegistryPage : PageModel
{
    private TableState? _table;

    /// <summary>The state of the page's table, from its address.</summary>
    public TableState Table => _table ??= TableState.Read(Request);

    protected void Toast(string message, string kind = "success", string? undoUrl = null) =>
        TempData[Components.Toast.Key] = JsonSerializer.Serialize(new Toast(message, kind) { UndoUrl = undoUrl });

    /// <summary>Back to the page's own address, so that a reload repeats nothing.</summary>
    protected LocalRedirectResult Done(string message, string? undoUrl = null)
    {
        Toast(message, undoUrl: undoUrl);
        return LocalRedirect(Request.PathBase + Request.Path + Query());
    }

    protected LocalRedirectResult Done(string message, string url, string? undoUrl)
    {
        Toast(message, undoUrl: undoUrl);
        return LocalRedirect(url);
    }

    // The address without the handler that was posted to.
    private string Query()
    {
        var rest = Request.Query.Where(q => q.Key != "handler").ToList();
        return rest.Count == 0 ? "" : QueryString.Create(rest).ToString();
    }
}
