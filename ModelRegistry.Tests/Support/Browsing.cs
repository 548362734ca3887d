using System.Net;
using System.Text.RegularExpressions;

namespace ModelRegistry.Tests.Support;

/// <summary>What a browser does with pages and forms, without one.</summary>
public static partial class Browsing
{
    public static async Task<string> GetPageAsync(this HttpClient browser, string address)
    {
        using var response = await browser.GetAsync(address);
        var html = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, $"{address} → {response.Headers.Location} {html}");
        return html;
    }

    /// <summary>Opens the page and sends a form of it, with the page's own token.</summary>
    /// <param name="handler">The handler that the form posts to; null for the page's only one.</param>
    public static async Task<HttpResponseMessage> SubmitAsync(
        this HttpClient browser, string address, string? handler, params (string Name, string Value)[] fields)
    {
        var token = FormToken(await browser.GetPageAsync(address));
        return await browser.PostFormAsync(WithHandler(address, handler), [.. fields, ("__RequestVerificationToken", token)]);
    }

    public static async Task<HttpResponseMessage> PostFormAsync(
        this HttpClient browser, string address, params (string Name, string Value)[] fields)
    {
        using var content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        return await browser.PostAsync(address, content);
    }

    public static async Task SignInAsync(this HttpClient browser, string email, string password)
    {
        using var response = await browser.SubmitAsync("/account/signin", null, ("Input.Email", email), ("Input.Password", password));
        response.StatusCode.ShouldBe(HttpStatusCode.Redirect, await response.Content.ReadAsStringAsync());
    }

    public static string FormToken(string html) => TokenField().Match(html).Groups[1].Value;

    private static string WithHandler(string address, string? handler) => handler is null
        ? address
        : address + (address.Contains('?') ? '&' : '?') + "handler=" + handler;

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex TokenField();
}
