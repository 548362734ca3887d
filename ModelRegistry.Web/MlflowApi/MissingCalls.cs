using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Web.Hosting;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>
/// What is no call here: JSON that clients understand, never a page. ENDPOINT_NOT_FOUND is what they branch on: they
/// take another way, or warn and go on (traces of generative models, workspaces).
/// </summary>
internal static class MissingCalls
{
    private static readonly string[] Roots = ["/api", "/ajax-api", "/v1", "/graphql", "/gateway"];

    /// <summary>MLflow's server itself does not have these.</summary>
    private static readonly string[] NotImplemented = ["unified-traces", "get-online-trace-details"];

    public static void Map(IEndpointRouteBuilder app, MlflowRouteBuilder routes)
    {
        foreach (var path in NotImplemented)
            routes.Get(path, call => MlflowErrors.WriteAsync(call.Http, 501, "NOT_IMPLEMENTED", $"{path} is not implemented."));
        foreach (var root in Roots)
        {
            // The limit of the calls: what is sent to a wrong address is read to its end too, or the answer would be lost.
            app.Map(root + "/{**path}", AnswerAsync).WithOrder(int.MaxValue - 1).RequireAuthorization(Policies.Api)
                .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes));
        }
    }

    public static Task AnswerAsync(HttpContext http)
    {
        var request = http.Request;
        SortedSet<string> allowed = request.Path.Value!.EndsWith('/') ? []
            : RouteMethods.Of(request.Path, http.RequestServices.GetRequiredService<EndpointDataSource>());
        if (allowed.Count == 0)
        {
            return MlflowErrors.WriteAsync(http, 404, "ENDPOINT_NOT_FOUND",
                $"There is no endpoint {request.Method} {request.Path}. This registry has MLflow's tracking and model registry; "
                + "traces, evaluation, the gateway and workspaces are not part of it.");
        }

        http.Response.Headers.Allow = string.Join(", ", allowed);
        if (HttpMethods.IsOptions(request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }

        return MlflowErrors.WriteAsync(http, 405, "ENDPOINT_NOT_FOUND",
            $"{request.Path} is called by {string.Join(" or ", allowed)}, not by {request.Method}.");
    }
}
