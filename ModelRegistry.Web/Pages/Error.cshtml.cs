using System.Diagnostics;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages;

/// <summary>Every refusal and failure of a page, in plain words. The pipeline re-executes to it; any method.</summary>
[AllowAnonymous]
[IgnoreAntiforgeryToken]
[ResponseCache(NoStore = true, Location = ResponseCacheLocation.None)]
public sealed class ErrorPage : PageModel
{
    [BindProperty(SupportsGet = true)]
    public int Status { get; set; }

    public string? Detail { get; private set; }

    public string Reference => Activity.Current?.Id ?? HttpContext.TraceIdentifier;

    public string Title => Status switch
    {
        400 => "That request does not work",
        403 => "You may not do this",
        404 => "There is nothing here",
        405 => "That request does not work",
        409 => "That does not fit the present state",
        429 => "Too many requests",
        503 => "Not possible right now",
        >= 500 => "Something went wrong on our side",
        _ => "That request does not work",
    };

    public string Explanation => Status switch
    {
        403 => "You are signed in, but this needs a permission that you do not have. The owner of the model or experiment, "
            + "or an administrator, can grant it.",
        404 => "It may have been renamed or removed, the address may be mistyped, or you may not have access to it.",
        409 => "Somebody may have changed it meanwhile. Go back, reload, and try again.",
        429 => "Please wait a minute and try again.",
        503 => "The registry is busy or a part of it cannot be reached. Trying again in a moment may help.",
        >= 500 => "The error is logged. Nothing that was half done has been kept.",
        _ => "Go back and check what was asked for.",
    };

    public void OnGet() => Detail = HttpContext.Items[RegistryPageFilter.Message] as string;

    public void OnPost() => OnGet();
}
