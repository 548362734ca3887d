using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace ModelRegistry.Tests.Browser;

/// <summary>A tab of a browser: signed in or not, light or dark, wide or narrow. It notes everything that goes wrong in it.</summary>
internal sealed class BrowserSession : IAsyncDisposable
{
    /// <summary>The folder that screenshots are put in, where it is set.</summary>
    public const string ScreenshotsVariable = "MODELREGISTRY_TEST_SCREENSHOTS";

    public static bool TakesScreenshots => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(ScreenshotsVariable));

    private readonly IBrowserContext _context;
    private readonly List<string> _problems = [];

    private BrowserSession(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        // Violations of the content security policy are errors on the console too.
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _problems.Add($"{message.Type}: {message.Text} at {message.Location}");
        };
        page.PageError += (_, error) => _problems.Add("script: " + error);
        page.Response += (_, response) =>
        {
            if (response.Status >= 500)
                _problems.Add($"{response.Status}: {response.Url}");
        };
    }

    public IPage Page { get; }

    /// <summary>A browser of its own, with its own cookies and its own cache.</summary>
    public static async Task<IBrowserContext> ContextAsync(
        Uri address, string? storageState = null, ColorScheme theme = ColorScheme.Light, int width = 1280, bool scripts = true)
    {
        var browser = await Chromium.GetAsync();
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = address.ToString(),
            ColorScheme = theme,
            ViewportSize = new ViewportSize { Width = width, Height = width < 600 ? 844 : 900 },
            StorageState = storageState,
            JavaScriptEnabled = scripts,
            TimezoneId = "Europe/Berlin",
            AcceptDownloads = true,
        });
        // A machine that is busy with other things is no failure.
        context.SetDefaultTimeout(60_000);
        return context;
    }

    public static async Task<BrowserSession> OpenAsync(IBrowserContext context) => new(context, await context.NewPageAsync());

    public async Task<IResponse> GoAsync(string address) =>
        await Page.GotoAsync(address, new PageGotoOptions { WaitUntil = WaitUntilState.Load })
        ?? throw new InvalidOperationException($"{address} gave no answer.");

    public async Task SignInAsync(string email, string password)
    {
        await GoAsync("/account/signin");
        await Page.GetByLabel("E-mail address").FillAsync(email);
        await Page.GetByLabel("Password").FillAsync(password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Page.WaitForURLAsync(url => !url.Contains("signin", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The cookies of this window, for windows that are to be signed in as it is.</summary>
    public Task<string> StateAsync() => _context.StorageStateAsync();

    public async Task WaitForChartsAsync()
    {
        foreach (var chart in await Page.Locator("[data-chart]").AllAsync())
        {
            await chart.ScrollIntoViewIfNeededAsync();
            await chart.Locator(".main-svg, .chart-note").First.WaitForAsync();
        }
    }

    /// <summary>Nothing failed, and nothing was refused by the policy of the page.</summary>
    public void ShouldBeClean() => _problems.ShouldBeEmpty();

    public async Task ShouldBeAccessibleAsync() => ShouldHaveNone((await Page.RunAxe()).Violations);

    /// <summary>What depends on the theme: the same page was looked at whole in the other one.</summary>
    public async Task ShouldHaveContrastAsync() => ShouldHaveNone((await Page.RunAxe(new AxeRunOptions
    {
        RunOnly = new RunOnlyOptions { Type = "rule", Values = ["color-contrast", "scrollable-region-focusable", "link-name", "button-name"] },
    })).Violations);

    private static void ShouldHaveNone(IEnumerable<AxeResultItem> violations) => violations
        .Select(v => $"{v.Id}: {v.Help} — {string.Join(" | ", v.Nodes.Take(4).Select(n => n.Html))}").ShouldBeEmpty();

    /// <summary>The page itself never scrolls sideways: what is wider scrolls in itself.</summary>
    public async Task ShouldFitAsync()
    {
        var overflow = await Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        overflow.ShouldBeLessThanOrEqualTo(0, $"{Page.Url} is {overflow} px too wide");
    }

    public async Task ScreenshotAsync(string name, bool wholePage = true)
    {
        if (Environment.GetEnvironmentVariable(ScreenshotsVariable) is { Length: > 0 } folder)
        {
            await Page.ScreenshotAsync(new PageScreenshotOptions
            {
                Path = Path.Combine(Directory.CreateDirectory(folder).FullName, name + ".png"),
                FullPage = wholePage,
            });
        }
    }

    public async ValueTask DisposeAsync() => await Page.CloseAsync();
}
