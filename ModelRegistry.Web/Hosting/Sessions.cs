using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Hosting;

/// <summary>The sessions of people: a cookie, sealed with keys that all nodes share.</summary>
internal static class Sessions
{
    /// <summary>The claim that Identity puts the security stamp in.</summary>
    public const string StampClaim = "AspNet.Identity.SecurityStamp";
    public const string SignInPath = "/account/signin";
    public const string DeniedPath = "/account/denied";

    public static IServiceCollection AddRegistrySessions(this IServiceCollection services, IConfiguration configuration)
    {
        // On plain http://localhost a Secure cookie would not come back; its name says which of the two it is.
        var secure = configuration["PublicUrl"]?.StartsWith("https://", StringComparison.OrdinalIgnoreCase) == true;
        var prefix = secure ? "__Host-" : "";
        services.AddDataProtection().SetApplicationName("ModelRegistry").PersistKeysToDbContext<RegistryDbContext>();
        var authentication = services.AddAuthentication();
        authentication.AddCookie(IdentityConstants.ApplicationScheme, options =>
        {
            Shape(options.Cookie, prefix + "modelregistry-session", secure);
            options.LoginPath = SignInPath;
            options.AccessDeniedPath = DeniedPath;
            options.ReturnUrlParameter = "returnUrl";
            options.ExpireTimeSpan = TimeSpan.FromHours(8);
            options.SlidingExpiration = true;
        });
        authentication.AddCookie(IdentityConstants.TwoFactorUserIdScheme, options =>
        {
            Shape(options.Cookie, prefix + "modelregistry-second-step", secure);
            options.ExpireTimeSpan = TimeSpan.FromMinutes(5);
            options.SlidingExpiration = false;
        });
        services.AddAntiforgery(options =>
        {
            Shape(options.Cookie, prefix + "modelregistry-form", secure);
            options.Cookie.SameSite = SameSiteMode.Strict;
        });
        services.Configure<IdentityOptions>(options => options.ClaimsIdentity.SecurityStampClaimType = StampClaim);
        services.AddScoped<IUserClaimsPrincipalFactory<RegistryUser>, UserClaimsPrincipalFactory<RegistryUser>>();
        return services;
    }

    private static void Shape(CookieBuilder cookie, string name, bool secure)
    {
        cookie.Name = name;
        cookie.Path = "/";
        cookie.HttpOnly = true;
        cookie.SameSite = SameSiteMode.Lax;
        cookie.SecurePolicy = secure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
    }
}
