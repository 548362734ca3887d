using ModelRegistry.Web.Hosting;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>`server-info`: what a client asks before it uses workspaces. Of version 3.0, unlike the rest.</summary>
internal static class ServerInfoApi
{
    private static readonly byte[] Answer = """{"store_type":"SqlStore","workspaces_enabled":false}"""u8.ToArray();

    public static void Map(IEndpointRouteBuilder app)
    {
        foreach (var prefix in new[] { "/api", "/ajax-api" })
        {
            app.MapMethods(prefix + "/3.0/mlflow/server-info", [HttpMethods.Get, HttpMethods.Head], WriteAsync)
                .RequireAuthorization(Policies.Api);
        }
    }

    private static async Task WriteAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = Answer.Length;
        await http.Response.BodyWriter.WriteAsync(Answer, http.RequestAborted);
    }
}
