using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using ModelRegistry.Web.Hosting;
using Scalar.AspNetCore;

namespace ModelRegistry.Web.Api;

/// <summary>/api/v1: what MLflow has no word for. One file per noun; the contract is made from the code.</summary>
internal static class ApiHosting
{
    public const string Prefix = "/api/v1";
    public const string DocsPath = "/docs/api";
    private const string Document = "v1";

    public static IServiceCollection AddRegistryApi(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json => ApiJson.Shape(json.SerializerOptions));
        services.AddOpenApi(Document, options =>
        {
            options.ShouldInclude = operation => operation.RelativePath?.StartsWith("api/v1/", StringComparison.Ordinal) == true;
            options.AddOperationTransformer(OptionalBody.DescribeAsync);
            options.AddDocumentTransformer((document, _, _) =>
            {
                Describe(document);
                return Task.CompletedTask;
            });
        });
        return services;
    }

    /// <summary>After the caller is known and may come in.</summary>
    public static void UseRegistryApi(this WebApplication app) =>
        app.UseWhen(http => http.Request.Path.StartsWithSegments(Prefix), api =>
        {
            api.UseMiddleware<Idempotency>();
            api.UseMiddleware<ApiErrors>();
        });

    public static void MapRegistryApi(this WebApplication app)
    {
        var api = app.MapGroup(Prefix).RequireAuthorization(Policies.Api)
            .WithMetadata(new RequestSizeLimitAttribute(ApiBody.MaxBytes))
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        TeamsApi.Map(api);
        GrantsApi.Map(api);
        AccessApi.Map(api);
        WebhooksApi.Map(api);
        AuditEventsApi.Map(api);
        LegalHoldsApi.Map(api);
        RetentionLocksApi.Map(api);
        PromotionPoliciesApi.Map(api);
        ApprovalsApi.Map(api);
        DatasetsApi.Map(api);
        HistoryApi.Map(api);
        ModelStagesApi.Map(api);
        NoticesApi.Map(api);
        RetentionPoliciesApi.Map(api);
        RetentionRunsApi.Map(api);
        TrashApi.Map(api);
        ErasureCasesApi.Map(api);
        ReviewApi.Map(api);
        MissingRoutes.Map(api);

        // The contract holds no data and is the same for everybody.
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        app.MapScalarApiReference(DocsPath, Present).RequireAuthorization(Policies.Page);
    }

    private static void Present(ScalarOptions options, HttpContext http)
    {
        var nonce = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));
        // The page sets styles of its own from its script; nothing comes from elsewhere.
        http.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
            + "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'; object-src 'none'";
        options.Nonce = nonce;
        options.Title = "ModelRegistry API";
        options.DefaultFonts = false;
        options.Telemetry = false;
        options.ShowDeveloperTools = DeveloperToolsVisibility.Never;
        options.Agent = new ScalarAgentOptions { Disabled = true };
        options.Mcp = new ScalarMcpOptions { Disabled = true };
        options.HideClientButton = true;
        options.DefaultHttpClient = new(ScalarTarget.Shell, ScalarClient.Curl);
        options.OpenApiRoutePattern = "/openapi/{documentName}.json";
        options.Favicon = "/favicon.svg";
        options.DynamicBaseServerUrl = true;
    }

    private static void Describe(OpenApiDocument document)
    {
        document.Info.Title = "ModelRegistry API";
        document.Info.Version = Document;
        document.Info.Description = "What MLflow's REST API, which this server speaks under /api/2.0, has no word for. Errors are "
            + "problem details (RFC 9457); lists are pages with `items` and `nextPageToken`; a POST with an `Idempotency-Key` is "
            + "done once.";
        document.Servers?.Clear();
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes["token"] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "An access token; make one under /account/tokens.",
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", document)] = [] }];
    }
}
