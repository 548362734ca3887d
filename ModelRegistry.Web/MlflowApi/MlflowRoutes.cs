using ModelRegistry.Web.Hosting;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>All routes of MLflow's wire format. One file per noun adds its own here.</summary>
internal static class MlflowRoutes
{
    public static void MapMlflowApi(this IEndpointRouteBuilder app)
    {
        _ = new MlflowRouteBuilder(app);
    }
}

/// <summary>Maps a call of MLflow's under every prefix it has: `/api/2.0/mlflow` and `/ajax-api/2.0/mlflow`.</summary>
internal sealed class MlflowRouteBuilder(IEndpointRouteBuilder app)
{
    private static readonly string[] Prefixes = ["/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/"];

    public void Get(string path, Func<MlflowCall, Task> handler) => Map([HttpMethods.Get, HttpMethods.Head], path, handler);

    public void Post(string path, Func<MlflowCall, Task> handler) => Map([HttpMethods.Post], path, handler);

    public void Patch(string path, Func<MlflowCall, Task> handler) => Map([HttpMethods.Patch], path, handler);

    public void Delete(string path, Func<MlflowCall, Task> handler) => Map([HttpMethods.Delete], path, handler);

    private void Map(string[] methods, string path, Func<MlflowCall, Task> handler)
    {
        foreach (var prefix in Prefixes)
            app.MapMethods(prefix + path, methods, http => InvokeAsync(http, handler)).RequireAuthorization(Policies.Api);
    }

    private static async Task InvokeAsync(HttpContext http, Func<MlflowCall, Task> handler)
    {
        try
        {
            using var request = await MlflowRequest.ReadAsync(http);
            await handler(new MlflowCall(http, request));
        }
        catch (Exception e) when (MlflowErrors.Knows(e) && !http.Response.HasStarted)
        {
            await MlflowErrors.WriteAsync(http, e);
        }
    }
}
