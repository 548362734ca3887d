using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Web.Hosting;
using ModelRegistry.Web.Pages.Components;
using ModelRegistry.Web.Pages.Versions;

namespace ModelRegistry.Web.Pages;

internal static class PagesHosting
{
    public static void AddRegistryPages(this IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddScoped<ReaderClock>();
        services.AddScoped<Frame>();
        services.AddScoped<Promotion.PolicyText>();
        services.AddScoped<FileBrowser>();
        services.AddScoped<FilePlaces>();
        services.AddScoped<VersionFactsReader>();
        services.AddScoped<RegistryPageFilter>();
        services.AddRazorPages()
            .AddMvcOptions(mvc => mvc.Filters.Add(new ServiceFilterAttribute<RegistryPageFilter>()));
        // No script of ours reads it, and its empty summaries carry an inline style.
        services.Configure<MvcViewOptions>(views => views.HtmlHelperOptions.ClientValidationEnabled = false);
        services.AddRouting(routing => routing.LowercaseUrls = true);
    }

    /// <summary>Errors of pages are pages. Comes before what can fail; the API says its errors itself.</summary>
    public static void UseRegistryErrorPages(this WebApplication app) =>
        app.UseWhen(http => !ApiPaths.Cover(http.Request.Path), pages =>
        {
            if (!app.Environment.IsDevelopment())
                pages.UseExceptionHandler("/error/500");
            // Scripts of a page want the status, not a page.
            pages.UseWhen(http => !http.Request.Path.StartsWithSegments("/ui-api"),
                people => people.UseStatusCodePagesWithReExecute("/error/{0}"));
        });

    public static void MapRegistryPages(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorPages().WithStaticAssets().RequireAuthorization(Policies.Page);
    }
}
