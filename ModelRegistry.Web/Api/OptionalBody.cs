using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ModelRegistry.Web.Api;

/// <summary>A body that may be left out, for the contract. (`Accepts` would refuse requests without one.)</summary>
internal sealed record OptionalBody(Type Type)
{
    public static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<OptionalBody>().FirstOrDefault() is not { } body)
            return;
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = false,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/json"] = new() { Schema = await context.GetOrCreateSchemaAsync(body.Type, cancellationToken: ct) },
            },
        };
    }
}

internal static class OptionalBodies
{
    public static RouteHandlerBuilder MayHaveBody<T>(this RouteHandlerBuilder route) => route.WithMetadata(new OptionalBody(typeof(T)));
}
