using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using ModelRegistry.Web.Hosting;

namespace ModelRegistry.Web.Pages.Audit;

/// <summary>The word that people guess for the audit log.</summary>
[Authorize(Policy = Policies.AuditPage)]
public sealed class RedirectPage : PageModel
{
    public IActionResult OnGet() => LocalRedirect("~/audit" + Request.QueryString);
}
