using Microsoft.AspNetCore.Identity;

namespace ModelRegistry.Web.Hosting;

/// <summary>The sessions of people: a cookie, sealed with keys that all nodes share.</summary>
internal static class Sessions
{
    public const string StampClaim = "stamp";
    public const string SignInPath = "/account/signin";
    public const string SignOutPath = "/account/signout";
    public const string NewPasswordPath = "/account/password";

    public static IServiceCollection AddRegistrySessions(this IServiceCollection services, IConfiguration configuration)
    {
        // On plain http://localhost a Secure cookie would not come back; its name says which of the two it is.
        var secure = PublicUrl.Read(configuration)?.Scheme == Uri.UriSchemeHttps;
        var prefix = secure ? "__Host-" : "";
        var authentication = services.AddAuthentication();
        authentication.AddCookie(IdentityConstants.ApplicationScheme, options =>
        {
            Shape(options.Cookie, prefix + "modelregistry-session", secure);
            options.LoginPath = SignInPath;
            options.ReturnUrlParameter = "returnUrl";
            options.ExpireTimeSpan = TimeSpan.FromHours(8);
            options.SlidingExpiration = true;
        });
        services.AddAntiforgery(options =>
        {
            Shape(options.Cookie, prefix + "modelregistry-form", secure);
            options.Cookie.SameSite = SameSiteMode.Strict;
        });
        services.AddScoped<SessionSignIn>();
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
