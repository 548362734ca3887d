using Microsoft.Playwright;

namespace ModelRegistry.Tests.Browser;

/// <summary>The one browser of the test run: Debian's, or the one that the variable names.</summary>
internal static class Chromium
{
    public const string PathVariable = "MODELREGISTRY_TEST_CHROMIUM";

    private static readonly string[] Arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    ];

    private static readonly Lazy<Task<IBrowser>> Browser = new(LaunchAsync);

    private static string ExecutablePath => Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } path ? path : "/usr/bin/chromium";

    public static bool IsInstalled => File.Exists(ExecutablePath);

    public static Task<IBrowser> GetAsync()
    {
        SkipWhereMissing();
        return Browser.Value;
    }

    public static void SkipWhereMissing() =>
        Skip.IfNot(IsInstalled, $"No browser at {ExecutablePath}: install chromium, or set {PathVariable}.");

    private static async Task<IBrowser> LaunchAsync()
    {
        var playwright = await Playwright.CreateAsync();
        return await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = ExecutablePath, Args = Arguments });
    }
}
