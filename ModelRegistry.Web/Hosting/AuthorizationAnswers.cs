using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Identity;
using ModelRegistry.Core.Identity;
using ModelRegistry.Web.Api;
using ModelRegistry.Web.MlflowApi;

namespace ModelRegistry.Web.Hosting;

/// <summary>
/// What is said to those who are not let in: to programs always JSON in MLflow's form, to people the sign-in page or the
/// page that says who can help.
/// </summary>
internal sealed class AuthorizationAnswers : IAuthorizationMiddlewareResultHandler
{
    public Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
            return next(context);
        if (ApiPaths.Cover(context.Request.Path))
            return authorizeResult.Challenged ? ChallengeAsync(context) : ForbidAsync(context);
        if (context.Request.Path.StartsWithSegments("/ui-api"))
        {
            // Asked by scripts of a page: they would follow a redirect and read the sign-in page as data.
            context.Response.StatusCode = authorizeResult.Challenged ? 401 : 403;
            return Task.CompletedTask;
        }

        if (authorizeResult.Challenged)
            return context.ChallengeAsync(IdentityConstants.ApplicationScheme);
        // The error page says it in words.
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    private static Task ChallengeAsync(HttpContext http)
    {
        var refusal = http.Features.Get<RefusedCredential>()?.Reason ?? AccessRefusal.None;
        if (refusal == AccessRefusal.TooManyAttempts)
            return WriteAsync(http, 429, "REQUEST_LIMIT_EXCEEDED", Explain(refusal));
        // Basic, so that a browser or curl without configuration asks for a name and a password; a token may be either.
        http.Response.Headers.WWWAuthenticate = "Basic realm=\"modelregistry\"";
        return WriteAsync(http, 401, "UNAUTHENTICATED", Explain(refusal));
    }

    private static Task ForbidAsync(HttpContext http) =>
        WriteAsync(http, 403, "PERMISSION_DENIED", "Permission denied: this is not open to you.");

    // Each API says it in its own form.
    private static Task WriteAsync(HttpContext http, int status, string code, string message) =>
        http.Request.Path.StartsWithSegments(ApiHosting.Prefix)
            ? ApiProblems.WriteAsync(http, ApiProblems.OfStatus(status) with { Detail = message })
            : MlflowErrors.WriteAsync(http, status, code, message);

    private static string Explain(AccessRefusal refusal) => refusal switch
    {
        AccessRefusal.None => "You are not authenticated. Set MLFLOW_TRACKING_TOKEN to an access token (make one under "
            + "/account/tokens), or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.",
        AccessRefusal.Expired => "You are not authenticated: the access token has expired. Make a new one under /account/tokens.",
        AccessRefusal.Revoked => "You are not authenticated: the access token was revoked. Make a new one under /account/tokens.",
        AccessRefusal.Disabled => "You are not authenticated: the account of this access token is disabled.",
        AccessRefusal.SecondFactorNeeded => "You are not authenticated: this account has a second factor, so programs need an "
            + "access token instead of the password. Make one under /account/tokens.",
        AccessRefusal.PasswordIsTemporary => "You are not authenticated: the password is a temporary one. Sign in with a browser "
            + "and choose your own.",
        AccessRefusal.TooManyAttempts => "Too many passwords were tried from this address; wait a minute, or use an access token.",
        _ => "You are not authenticated: the access token or password is wrong. After five wrong passwords an account waits "
            + "for 15 minutes.",
    };
}

/// <summary>There was a credential, and it was not taken.</summary>
internal sealed record RefusedCredential(AccessRefusal Reason);
