using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace ModelRegistry.Tests.Browser;

/// <summary>A tab of a browser: signed in or not, light or dark, wide or narrow. It notes everything that goes wrong in it.</summary>
internal sealed partial class BrowserSession : IAsyncDisposable
{
    /// <summary>The folder that screenshots are put in, where it is set.</summary>
    public const string ScreenshotsVariable = "MODELREGISTRY_TEST_SCREENSHOTS";

    public static bool TakesScreenshots => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(ScreenshotsVariable));

    private static readonly string AxeScript = new BundledAxeScriptProvider().GetScript();

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
            ViewportSize = new ViewportSize { Width = width, Height = Height(width) },
            StorageState = storageState,
            JavaScriptEnabled = scripts,
            TimezoneId = "Europe/Berlin",
            AcceptDownloads = true,
            // Colours are looked at when they are there, not on their way.
            ReducedMotion = ReducedMotion.Reduce,
        });
        // A machine that is busy with other things is no failure.
        context.SetDefaultTimeout(60_000);
        return context;
    }

    public static async Task<BrowserSession> OpenAsync(IBrowserContext context) => new(context, await context.NewPageAsync());

    public async Task<IResponse> GoAsync(string address) =>
        await Page.GotoAsync(address, new PageGotoOptions { WaitUntil = WaitUntilState.Load })
        ?? throw new InvalidOperationException($"{address} gave no answer.");

    /// <summary>What cannot be clicked says what was there instead.</summary>
    public async Task ClickAsync(ILocator target)
    {
        try
        {
            await target.ClickAsync();
        }
        catch (TimeoutException e)
        {
            throw new InvalidOperationException($"{e.Message}\n{Page.Url} shows: {await Page.Locator("body").InnerTextAsync()}", e);
        }
    }

    public Task ClickButtonAsync(string name) => ClickAsync(Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }));

    public async Task SignInAsync(string email, string password)
    {
        await GoAsync("/account/signin");
        await Page.GetByLabel("E-mail address").FillAsync(email);
        await Page.GetByLabel("Password").FillAsync(password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        // Not WaitForURLAsync: it waits for a load that may have been over before it looked.
        await Assertions.Expect(Page).Not.ToHaveURLAsync(SignInAddress(), new() { Timeout = 60_000 });
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

    public Task ShouldBeAccessibleAsync() => ShouldPassAxeAsync("{}");

    /// <summary>What depends on the theme and the width: the same page was looked at whole in the other one.</summary>
    public Task ShouldHaveContrastAsync() => ShouldPassAxeAsync(
        """{ runOnly: ["color-contrast", "scrollable-region-focusable", "link-name", "button-name"] }""");

    /// <summary>The same tab by night, or in a hand.</summary>
    public async Task LookAsync(ColorScheme theme, int width)
    {
        await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = theme });
        await Page.SetViewportSizeAsync(width, Height(width));
    }

    /// <summary>The page by day and wide, and by night in a hand: shown, judged, and put back.</summary>
    public async Task ShouldLookWellAsync(string name)
    {
        await ScreenshotAsync($"{name}-light-1280");
        await ShouldBeAccessibleAsync();
        await ShouldFitAsync();
        await LookAsync(ColorScheme.Dark, 390);
        await ScreenshotAsync($"{name}-dark-390");
        await ShouldFitAsync();
        await ShouldHaveContrastAsync();
        await LookAsync(ColorScheme.Light, 1280);
    }

    // Not RunAxe(): it brings every element that passed over from the browser, which takes longer than the check.
    private async Task ShouldPassAxeAsync(string options)
    {
        await Page.EvaluateAsync(AxeScript);
        var violations = await Page.EvaluateAsync<string[]>($$"""
            async () => (await axe.run(document, Object.assign({ resultTypes: ["violations"] }, {{options}}))).violations
                .map(v => `${v.id}: ${v.help} — ${v.nodes.slice(0, 4).map(n => n.html).join(" | ")}`)
            """);
        violations.ShouldBeEmpty();
        // A tilde that nobody resolved leads nowhere.
        (await Page.Locator("[href^='~'], [action^='~'], [src^='~']").EvaluateAllAsync<string[]>("all => all.map(e => e.outerHTML)")).ShouldBeEmpty();
    }

    [GeneratedRegex("signin", RegexOptions.IgnoreCase)]
    private static partial Regex SignInAddress();

    private static int Height(int width) => width < 600 ? 844 : 900;

    /// <summary>The page itself never scrolls sideways: what is wider scrolls in itself. Charts take a moment to follow.</summary>
    public async Task ShouldFitAsync()
    {
        const string Overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        for (var i = 0; i < 50 && await Page.EvaluateAsync<int>(Overflow) > 0; i++)
            await Task.Delay(100);
        var overflow = await Page.EvaluateAsync<int>(Overflow);
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
