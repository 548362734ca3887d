namespace ModelRegistry.Web.Hosting;

/// <summary>
/// What browsers are told. Pages have no inline script and no inline style, so none is allowed; two kinds of pages draw
/// with code of others and get what that needs, on their own addresses only. An answer that has a policy of its own
/// (a file somebody uploaded) keeps it.
/// </summary>
internal static class SecurityHeaders
{
    private const string Charts = nameof(Charts);
    private const string Dashboard = nameof(Dashboard);
    private const string Bare = nameof(Bare);

    public static IServiceCollection AddRegistrySecurityHeaders(this IServiceCollection services, IConfiguration configuration)
    {
        var https = PublicUrl.Read(configuration)?.Scheme == Uri.UriSchemeHttps;
        services.AddSecurityHeaderPolicies()
            .SetDefaultPolicy(policy => Content(Common(policy, https), "", ""))
            // Plotly writes style attributes into its SVG.
            .AddPolicy(Charts, policy => Content(Common(policy, https), "", "; style-src-attr 'unsafe-inline'"))
            // Hangfire's pages have inline scripts and styles.
            .AddPolicy(Dashboard, policy => Content(Common(policy, https), " 'unsafe-inline'", ""))
            .AddPolicy(Bare, policy => Common(policy, https))
            .SetPolicySelector(context => Choose(context.HttpContext) is { } name
                ? context.ConfiguredPolicies[name]
                : context.DefaultPolicy);
        return services;
    }

    /// <summary>For everything but the API, whose answers are no pages; see <see cref="RequestAuthentication"/>.</summary>
    public static void UseRegistrySecurityHeaders(this WebApplication app) =>
        app.UseWhen(http => !ApiPaths.Cover(http.Request.Path), pages => pages.UseSecurityHeaders());

    /// <summary>Called by the page that draws charts.</summary>
    public static void AllowCharts(this HttpContext http) => http.Items[Charts] = Charts;

    // Asked when the answer starts.
    private static string? Choose(HttpContext http)
    {
        if (http.Response.Headers.ContentSecurityPolicy.Count > 0)
            return Bare;
        if (http.Request.Path.StartsWithSegments("/admin/jobs"))
            return Dashboard;
        return http.Items.ContainsKey(Charts) ? Charts : null;
    }

    private static HeaderPolicyCollection Common(HeaderPolicyCollection policy, bool https)
    {
        policy.AddContentTypeOptionsNoSniff()
            .AddFrameOptionsDeny()
            .AddReferrerPolicySameOrigin()
            .AddCrossOriginOpenerPolicy(header => header.SameOrigin())
            .AddCrossOriginResourcePolicy(header => header.SameOrigin())
            .AddCustomHeader("Permissions-Policy",
                "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()");
        if (https)
            policy.AddCustomHeader("Strict-Transport-Security", "max-age=31536000");
        return policy;
    }

    private static void Content(HeaderPolicyCollection policy, string inline, string more) => policy.AddCustomHeader(
        "Content-Security-Policy",
        $"default-src 'self'; script-src 'self'{inline}; style-src 'self'{inline}{more}; img-src 'self' data: blob:; "
        + "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; worker-src 'self' blob:");
}
