using System.Globalization;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>Addresses of things with free names.</summary>
public static class Urls
{
    public static string Model(string name) => $"/models/{Uri.EscapeDataString(name)}";

    public static string Version(string name, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{Model(name)}/versions/{number}");

    public static string Dataset(string name, string digest) =>
        $"/datasets/uses?name={Uri.EscapeDataString(name)}&digest={Uri.EscapeDataString(digest)}";
}
