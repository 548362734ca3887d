using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Erasure;
using ModelRegistry.Core.Governance;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Lineage;
using ModelRegistry.Core.Notices;
using ModelRegistry.Core.Promotion;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Retention;
using ModelRegistry.Core.Review;
using ModelRegistry.Core.Tracking;
using ModelRegistry.Core.Webhooks;
using ModelRegistry.Web.Api;
using ModelRegistry.Web.Charts;
using ModelRegistry.Web.Jobs;
using ModelRegistry.Web.MlflowApi;
using ModelRegistry.Web.Pages;

namespace ModelRegistry.Web.Hosting;

/// <summary>How the application is put together; each part registers itself.</summary>
internal static class RegistryHost
{
    // What arrives faster than it is written waits in the client: each transfer takes this much memory, in bytes. With four
    // times as much one upload was a tenth faster, and 64 at once took three times the memory.
    private const int TransferBuffer = 128 * 1024;

    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        // The same text on every machine. Not InvariantGlobalization: SQL Server's client refuses to work with it.
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;
        var published = Path.Combine(AppContext.BaseDirectory, "wwwroot");
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            // Whoever waits for changes of the settings is woken by every write below the content root, where the database is:
            // half of a processor under load. Settings are read once.
            Args = [.. args, "--hostBuilder:reloadConfigOnChange=false"],
            // The content root is where it is started, and so is `data/`; its own files are beside the executable.
            WebRootPath = Directory.Exists(published) ? published : null,
        });
        // The settings file lies at the top of the repository and beside the executable, not in the content root. It
        // comes first, so that every other source has the last word.
        builder.Configuration.Sources.Insert(0, new Microsoft.Extensions.Configuration.Json.JsonConfigurationSource
        {
            FileProvider = new Microsoft.Extensions.FileProviders.PhysicalFileProvider(AppContext.BaseDirectory),
            Path = "appsettings.json",
            Optional = true,
        });
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.UseSockets(sockets => sockets.MaxReadBufferSize = TransferBuffer);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // A bulk history of 100 runs is a request line of 15 KB.
            kestrel.Limits.MaxRequestLineSize = 32 * 1024;
            kestrel.Limits.MaxRequestBufferSize = TransferBuffer;
            // Enough for every form; calls and uploads that need more say so at their routes.
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
        });
        return builder;
    }

    public static void AddRegistry(this WebApplicationBuilder builder)
    {
        var storage = StorageOptions.Read(builder.Configuration, builder.Environment.ContentRootPath);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.Configure<HostOptions>(host => host.ServicesStartConcurrently = true);
        builder.Services.AddRegistryData(DatabaseOptions.Read(builder.Configuration, builder.Environment.ContentRootPath));
        builder.Services.AddRegistryIdentity();
        builder.Services.AddSurroundings(builder.Configuration);
        builder.Services.AddRegistrySecurityHeaders(builder.Configuration);
        builder.Services.AddSealedKeys(builder.Configuration);
        builder.Services.AddRegistrySessions(builder.Configuration);
        builder.Services.AddRegistryPolicies();
        builder.Services.AddPasswordAttempts(builder.Configuration);
        builder.Services.AddFirstRun();
        builder.Services.AddTracking();
        builder.Services.AddWebhooks(WebhookOptions.Read(builder.Configuration));
        builder.Services.AddModelRegistry();
        builder.Services.AddLineage();
        builder.Services.AddGovernance(LedgerOptions.Read(builder.Configuration, builder.Environment.ContentRootPath, BesideArtifacts(storage)));
        builder.Services.AddNotices(MailOptions.Read(builder.Configuration, PublicUrl.Read(builder.Configuration)));
        builder.Services.AddPromotion();
        builder.Services.AddErasure();
        builder.Services.AddReview();
        builder.Services.AddRetention(RetentionOptions.Read(builder.Configuration));
        builder.Services.AddMlflowApi();
        builder.Services.AddRegistryApi();
        builder.Services.AddAudit();
        builder.Services.AddRegistryPages();
        builder.Services.AddArtifacts(storage);
        builder.Services.AddRegistryJobs(builder.Configuration);
    }

    /// <summary>Creates or migrates the schema, and looks whether the database was put back from a backup.</summary>
    public static async Task PrepareRegistryAsync(this WebApplication app)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RegistryDbContext>();
        // Migrating compares the whole model with the last one before it finds nothing to do.
        if ((await db.Database.GetPendingMigrationsAsync()).Any())
            await db.Database.MigrateAsync();
        await DefaultExperiment.EnsureAsync(db, TimeProvider.System, CancellationToken.None);
        await LedgerStart.LookAsync(scope.ServiceProvider, CancellationToken.None);
    }

    public static void UseRegistry(this WebApplication app)
    {
        app.UseSurroundings();
        app.UseApiPaths();
        app.UseRegistrySecurityHeaders();
        app.UseRegistryErrorPages();
        app.UseRouting();
        app.UseRegistryAuthentication();
        app.UseAuthorization();
        app.UseRegistryApi();

        app.MapHealth();
        app.MapMlflowApi(app.Configuration);
        app.MapRegistryApi();
        app.MapCharts();
        app.MapRegistryPages();
        app.MapRegistryJobs();
        // Here and not by itself, so that the check and the first request read one list: each reading builds all routes.
#pragma warning disable ASP0014 // Routes are mapped at the top level; this takes them over.
        app.UseEndpoints(_ => { });
#pragma warning restore ASP0014
        app.RequirePolicies();
    }

    private static string BesideArtifacts(StorageOptions storage) =>
        storage.Connection is DiskConnection disk ? Path.Combine(disk.Path, "ledger") : "data/ledger";

    private static void UseRegistryAuthentication(this WebApplication app)
    {
        // The framework's own authentication would be added by itself, and read the cookie on the API's paths too.
        ((IApplicationBuilder)app).Properties["__AuthenticationMiddlewareSet"] = true;
        app.UseMiddleware<RequestAuthentication>();
    }
}
