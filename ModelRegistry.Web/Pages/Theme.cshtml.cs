using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages;

/// <summary>Remembers the theme in a cookie, so that the server renders the right one at once.</summary>
[AllowAnonymous]
public sealed class ThemePage : PageModel
{
    public IActionResult OnGet() => LocalRedirect("~/");

    public IActionResult OnPost(string? theme, string? back)
    {
        if (theme is "light" or "dark")
        {
            Response.Cookies.Append(Frame.ThemeCookie, theme, new CookieOptions
            {
                MaxAge = TimeSpan.FromDays(365),
                SameSite = SameSiteMode.Lax,
                Secure = Request.IsHttps,
            });
        }
        else
        {
            Response.Cookies.Delete(Frame.ThemeCookie);
        }

        return LocalRedirect(Url.IsLocalUrl(back) ? back! : "~/");
    }
}
