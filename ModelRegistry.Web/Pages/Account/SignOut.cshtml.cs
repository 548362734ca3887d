using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using ModelRegistry.Web.Hosting;

namespace ModelRegistry.Web.Pages.Account;

public sealed class SignOutPage(SessionSignIn session) : PageModel
{
    // A link must not sign anybody out.
    public IActionResult OnGet() => StatusCode(StatusCodes.Status405MethodNotAllowed);

    public async Task<IActionResult> OnPostAsync()
    {
        await session.CloseAsync(HttpContext);
        return LocalRedirect("~" + Sessions.SignInPath);
    }
}
