using ModelRegistry.Core.Common;

namespace ModelRegistry.Web.Hosting;

/// <summary>How people and programs reach the registry from outside; empty where that is how the request came.</summary>
internal static class PublicUrl
{
    public const string Key = "PublicUrl";

    /// <exception cref="ConfigurationException">Not an address; the message says what is allowed.</exception>
    public static Uri? Read(IConfiguration configuration)
    {
        if (configuration[Key] is not { Length: > 0 } text)
            return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https")
            && url.Query.Length == 0 && url.Fragment.Length == 0 && url.UserInfo.Length == 0
            ? url
            : throw new ConfigurationException(
                $"{Key} is '{text}'. Allowed values: empty, or an address such as https://registry.example.org.");
    }

    /// <summary>Without a slash at the end.</summary>
    public static string Of(HttpContext http, IConfiguration configuration) =>
        (Read(configuration)?.ToString() ?? $"{http.Request.Scheme}://{http.Request.Host}{http.Request.PathBase}").TrimEnd('/');
}
