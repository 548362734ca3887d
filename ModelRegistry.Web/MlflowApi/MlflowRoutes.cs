using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Web.Hosting;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>All routes of MLflow's wire format. One file per noun adds its own here.</summary>
internal static class MlflowRoutes
{
    public static IServiceCollection AddMlflowApi(this IServiceCollection services) => services
        .AddSingleton<RunJsonCache>()
        .AddSingleton<TransferTickets>()
        .AddSingleton<ExperimentAnswers>();

    public static void MapMlflowApi(this IEndpointRouteBuilder app, IConfiguration configuration)
    {
        var routes = new MlflowRouteBuilder(app);
        ExperimentsApi.Map(routes);
        RunsApi.Map(routes);
        MetricsApi.Map(routes);
        ArtifactsApi.Map(routes);
        ArtifactsProxy.Map(routes);
        TransferApi.Map(routes, configuration);
        WebhooksApi.Map(routes);
        RegisteredModelsApi.Map(routes);
        ModelVersionsApi.Map(routes);
        LoggedModelsApi.Map(routes);
        ServerInfoApi.Map(app);
        UsersApi.Map(routes);
        MissingCalls.Map(app, routes);
    }
}

/// <summary>Maps a call of MLflow's under every prefix it has: `/api/2.0/mlflow` and `/ajax-api/2.0/mlflow`.</summary>
internal sealed class MlflowRouteBuilder(IEndpointRouteBuilder app)
{
    // Twice what a call may have: up to there the answer is a message, not an end of the connection.
    private readonly RouteGroupBuilder _api = app.MapGroup("").RequireAuthorization(Policies.Api)
        .WithMetadata(new RequestSizeLimitAttribute(2 * RequestBody.MaxBytes));

    private static readonly string[] Prefixes = ["/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/"];

    public void Get(string path, Func<MlflowCall, Task> handler) => Map([HttpMethods.Get, HttpMethods.Head], path, handler);

    public void Post(string path, Func<MlflowCall, Task> handler) => Map([HttpMethods.Post], path, handler);

    /// <summary>Under `/ajax-api` alone.</summary>
    public void GetAjax(string path, Func<MlflowCall, Task> handler) =>
        _api.MapMethods(Prefixes[1] + path, [HttpMethods.Get, HttpMethods.Head], http => InvokeAsync(http, handler));

    /// <summary>For a handler that reads its body itself.</summary>
    public void PostRaw(string path, Func<HttpContext, Task> handler)
    {
        foreach (var prefix in Prefixes)
            _api.MapMethods(prefix + path, [HttpMethods.Post], http => TranslateAsync(http, handler));
    }

    /// <summary>A call that is not below `mlflow/`, at exactly this address; the handler reads its body itself.</summary>
    public IEndpointConventionBuilder At(string method, string pattern, Func<HttpContext, Task> handler) =>
        _api.MapMethods(pattern, method == HttpMethods.Get ? [method, HttpMethods.Head] : [method], http => TranslateAsync(http, handler));

    /// <summary>As <see cref="At"/>, for anybody: the handler finds out itself what the caller may do. Each such route has
    /// a place on the list of <see cref="AnonymousRoutes"/>.</summary>
    public IEndpointConventionBuilder AtOpen(string method, string pattern, Func<HttpContext, Task> handler) =>
        app.MapMethods(pattern, method == HttpMethods.Get ? [method, HttpMethods.Head] : [method], http => TranslateAsync(http, handler))
            .AllowAnonymous();

    /// <summary>As <see cref="At"/>, with arguments that are read as of every call.</summary>
    public IEndpointConventionBuilder CallAt(string method, string pattern, Func<MlflowCall, Task> handler) =>
        _api.MapMethods(pattern, method == HttpMethods.Get ? [method, HttpMethods.Head] : [method], http => InvokeAsync(http, handler));

    public void Patch(string path, Func<MlflowCall, Task> handler) => Map([HttpMethods.Patch], path, handler);

    public void Delete(string path, Func<MlflowCall, Task> handler) => Map([HttpMethods.Delete], path, handler);

    private void Map(string[] methods, string path, Func<MlflowCall, Task> handler)
    {
        foreach (var prefix in Prefixes)
            _api.MapMethods(prefix + path, methods, http => InvokeAsync(http, handler));
    }

    private static bool EndsWithPath(HttpContext http) =>
        http.GetEndpoint() is RouteEndpoint route && route.RoutePattern.Parameters is [.., { IsCatchAll: true }];

    private static Task InvokeAsync(HttpContext http, Func<MlflowCall, Task> handler) => TranslateAsync(http, async context =>
    {
        using var request = await MlflowRequest.ReadAsync(context);
        await handler(new MlflowCall(context, request));
    });

    private static async Task TranslateAsync(HttpContext http, Func<HttpContext, Task> handler)
    {
        // Routing forgives a slash at the end; MLflow does not. At the end of a file's path it is the path's own mistake.
        if (http.Request.Path.Value is [.., '/'] && !EndsWithPath(http))
        {
            await MissingCalls.AnswerAsync(http);
            return;
        }

        try
        {
            await handler(http);
        }
        catch (Exception e) when (MlflowErrors.Knows(e) && !http.Response.HasStarted)
        {
            await MlflowErrors.WriteAsync(http, e);
        }
        catch (Exception e) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            // Clients parse what they get; the one that uploads in parts breaks on an answer that is not JSON.
            http.RequestServices.GetRequiredService<ILogger<MlflowRouteBuilder>>().CallFailed(http.Request.Method, http.Request.Path, e);
            await MlflowErrors.WriteAsync(http, 500, "INTERNAL_ERROR", "The server failed; its log says how.");
        }
    }
}
